'use client';

import type { BenchBlock } from '@anima/client';
import { Group, Progress, Stack, Table, Text } from '@mantine/core';
import { WideTable } from '../../parts/wide-table.tsx';

type OfKind<Kind extends BenchBlock['kind']> = Extract<BenchBlock, { kind: Kind }>;

const number = Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const shownPercentiles = [50, 90, 95, 99, 100];

/** A block of a report, whatever bench it is of. */
export function Block({ block }: { readonly block: BenchBlock }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {block.title}
      </Text>
      {block.kind === 'table' && <Cells {...tableOf(block)} />}
      {block.kind === 'latency' && <Cells {...latencyOf(block)} />}
      {block.kind === 'lines' && <Cells {...linesOf(block)} />}
      {block.kind === 'bars' && <Bars block={block} />}
      {block.note && (
        <Text size="xs" className="console-quiet" mt={4}>
          {block.note}
        </Text>
      )}
    </div>
  );
}

interface CellsProps {
  readonly columns: readonly { readonly name: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

function Cells({ columns, rows }: CellsProps) {
  return (
    <WideTable minWidth={Math.min(900, columns.length * 90)}>
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ name, align }) => (
            <Table.Th key={name} ta={align}>
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report does not change, and its rows may be alike
          <Table.Tr key={index}>
            {columns.map(({ name, align }, column) => (
              <Table.Td key={name} ta={align} className="console-number">
                {shown(row[column])}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function shown(value: string | number | null | undefined): string {
  if (typeof value === 'number') return number.format(value);
  return value ?? '–';
}

function tableOf({ columns, rows }: OfKind<'table'>): CellsProps {
  return { columns, rows };
}

function latencyOf({ series }: OfKind<'latency'>): CellsProps {
  const right = (name: string) => ({ name, align: 'right' as const });
  return {
    columns: [
      { name: 'ms', align: 'left' },
      ...shownPercentiles.map((percentile) => right(percentile === 100 ? 'most' : `p${percentile}`)),
      right('target'),
    ],
    rows: series.map(({ name, percentiles, targetMs }) => [
      name,
      ...shownPercentiles.map((wanted) => percentiles.find(([percentile]) => percentile >= wanted)?.[1] ?? null),
      targetMs ?? null,
    ]),
  };
}

/** Each x with what every curve has there. */
function linesOf({ x, series }: OfKind<'lines'>): CellsProps {
  const places = [...new Set(series.flatMap(({ points }) => points.map(([place]) => place)))].toSorted((a, b) => a - b);
  const step = Math.max(1, Math.ceil(places.length / 20));
  const byPlace = series.map(({ points }) => new Map(points));
  return {
    columns: [{ name: x.label, align: 'left' }, ...series.map(({ name }) => ({ name, align: 'right' as const }))],
    rows: places
      .filter((_, index) => index % step === 0 || index === places.length - 1)
      .map((place) => [number.format(place), ...byPlace.map((points) => points.get(place) ?? null)]),
  };
}

function Bars({ block: { series, groups, y } }: { readonly block: OfKind<'bars'> }) {
  const most = Math.max(...groups.flatMap(({ values }) => values.map((value) => value ?? 0)), 0);
  return (
    <Stack gap={6}>
      {groups.flatMap(({ name, values }) =>
        values.map((value, index) => {
          const label = series.length > 1 ? `${name}, ${series[index]}` : name;
          return (
            <Group key={label} gap="xs" wrap="nowrap">
              <Text size="xs" w={{ base: 120, sm: 220 }} truncate>
                {label}
              </Text>
              <Progress
                value={most > 0 ? ((value ?? 0) / most) * 100 : 0}
                style={{ flex: 1 }}
                aria-label={`${label}: ${shown(value)}`}
              />
              <Text size="xs" w={80} ta="right" className="console-number">
                {shown(value)}
              </Text>
            </Group>
          );
        }),
      )}
      <Text size="xs" className="console-quiet">
        {y.label}
      </Text>
    </Stack>
  );
}
