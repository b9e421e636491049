'use client';

import type { BenchBlock } from '@anima/client';
import { Text } from '@mantine/core';
import { Bars } from './bars.tsx';
import { Cells, type TableParts } from './cells.tsx';
import { Latencies, Lines } from './curves.tsx';

type OfKind<Kind extends BenchBlock['kind']> = Extract<BenchBlock, { kind: Kind }>;

const shownPercentiles = [50, 90, 95, 99, 100];

/** A block of a report, whatever bench it is of. */
export function Block({ block }: { readonly block: BenchBlock }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {block.title}
      </Text>
      {block.kind === 'table' && <Cells {...block} />}
      {block.kind === 'latency' && (
        <>
          <Latencies block={block} />
          <Cells {...latencyOf(block)} />
        </>
      )}
      {block.kind === 'lines' && <Lines block={block} />}
      {block.kind === 'bars' && <Bars block={block} />}
      {block.note && (
        <Text size="xs" className="console-quiet" mt={4}>
          {block.note}
        </Text>
      )}
    </div>
  );
}

function latencyOf({ series }: OfKind<'latency'>): TableParts {
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
