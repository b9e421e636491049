import { styleText } from 'node:util';
import type { BenchBlock, BenchReport } from '@anima/core';
import Table from 'cli-table3';
import { formatCell, formatMeasure, formatTarget } from './numbers.ts';
import { isMet } from './report.ts';

type Cell = string | number | null;
type Align = 'left' | 'right';

const verdicts = { passed: ['green', 'PASSED'], failed: ['red', 'FAILED'], reported: ['blue', 'DONE'] } as const;

/** Percentiles that are enough to look at. */
const shownPercentiles = [50, 95, 99, 100];

/** The report for a terminal: tables, and what was missed. */
export function renderForTerminal(report: BenchReport): string {
  const [color, word] = verdicts[report.verdict];
  const settings = Object.entries(report.settings).map(([name, value]) => `${name} ${value}`);
  return [
    styleText('bold', report.title),
    settings.join(', '),
    ...report.blocks.map(renderBlock),
    ...(report.measures.some(({ target }) => target !== undefined) ? [renderMeasures(report)] : []),
    ...report.failures.map((failure) => `${styleText('red', 'FAIL')}  ${failure}`),
    styleText([color, 'bold'], word),
  ].join('\n');
}

function renderMeasures({ measures }: BenchReport): string {
  const held = measures.filter(({ target }) => target !== undefined);
  const rows = held.map((measure) => [
    ...[measure.name, formatMeasure(measure.value, measure.unit), formatTarget(measure) ?? ''],
    isMet(measure) ? '✓' : '✗',
  ]);
  return renderTable(['measure', 'is', 'held to', ''], ['left', 'right', 'right', 'left'], rows);
}

function renderBlock(block: BenchBlock): string {
  return [`\n${block.title}`, renderValues(block), ...(block.note === undefined ? [] : [block.note])].join('\n');
}

function renderValues(block: BenchBlock): string {
  switch (block.kind) {
    case 'table': {
      const { columns, rows } = block;
      return renderTable(
        columns.map(({ name }) => name),
        columns.map(({ align }) => align),
        rows,
      );
    }
    case 'latency': {
      const rows = block.series.map(({ name, percentiles, targetMs }) => [
        name,
        ...shownPercentiles.map((wanted) => percentiles.find(([percentile]) => percentile >= wanted)?.[1] ?? null),
        targetMs ?? null,
      ]);
      return renderNumbers(['ms', 'p50', 'p95', 'p99', 'max', 'target p95'], rows);
    }
    case 'lines': {
      const rows = block.series.map(({ name, points }) => {
        const values = points.map(([, y]) => y);
        return [name, values[0] ?? null, values.at(-1) ?? null, highest(values)];
      });
      return renderNumbers([block.y.label, 'first', 'last', 'highest'], rows);
    }
    case 'bars': {
      const rows = block.groups.map(({ name, values }) => [name, ...values]);
      return renderNumbers([block.y.label, ...block.series], rows);
    }
  }
}

/** A table of a name and numbers. */
function renderNumbers(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return renderTable(
    head,
    head.map((_, index) => (index === 0 ? 'left' : 'right')),
    rows,
  );
}

function renderTable(head: readonly string[], aligns: readonly Align[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: [...aligns],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(formatCell));
  return table.toString();
}

function highest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
}
