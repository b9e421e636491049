'use client';

import type { BenchRunSummary } from '@anima/client';
import { Table, Text } from '@mantine/core';
import { percent } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { gain, written } from './measured.ts';

interface ComparisonProps {
  readonly now: BenchRunSummary;
  readonly before: BenchRunSummary;
}

/** Less than this is noise on a machine that has other things to do. */
const noise = 0.05;

/** The measures that two runs share, side by side. */
export function Comparison({ now, before }: ComparisonProps) {
  const earlier = new Map(before.measures.map((measure) => [measure.name, measure]));
  const pairs = now.measures.flatMap((measure) => {
    const then = earlier.get(measure.name);
    return then ? [{ measure, then, better: gain(measure, then) }] : [];
  });
  return (
    <Panel title="Compared">
      <WideTable minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Measure</Table.Th>
            <Table.Th ta="right">{new Date(now.at).toLocaleString()}</Table.Th>
            <Table.Th ta="right">{new Date(before.at).toLocaleString()}</Table.Th>
            <Table.Th ta="right">Difference</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.map(({ measure, then, better }) => (
            <Table.Tr key={measure.name}>
              <Table.Td>{measure.name}</Table.Td>
              <Table.Td ta="right" className="console-number">
                {written(measure.value, measure.unit)}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {written(then.value, then.unit)}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {better === undefined ? '–' : Math.abs(better) < noise ? 'alike' : differenceOf(better)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Text size="xs" className="console-quiet">
        Two runs are only worth comparing where machine and settings were the same; less than {percent(noise)} is called
        alike.
      </Text>
    </Panel>
  );
}

const differenceOf = (better: number) => `${percent(Math.abs(better))} ${better > 0 ? 'better' : 'worse'}`;
