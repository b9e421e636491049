import type { BenchBlock } from '@anima/core';

type TableBlock = Extract<BenchBlock, { kind: 'table' }>;

/** A table of a name and what there is to say about it: numbers, to the right. */
export function tableOf(
  title: string,
  columns: readonly string[],
  rows: TableBlock['rows'],
  note?: string,
): TableBlock {
  return {
    kind: 'table',
    title,
    columns: columns.map((name, index) => ({ name, align: index === 0 ? 'left' : 'right' })),
    rows,
    ...(note === undefined ? {} : { note }),
  };
}
