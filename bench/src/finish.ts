import type { BenchBlock, BenchMeasure, BenchReport } from '@anima/core';
import Table from 'cli-table3';
import { writeResult } from './result-file.ts';

/** Prints a report, writes it to its file, and makes a failed one the exit code. */
export async function finish(report: BenchReport, { json }: { readonly json?: string | undefined }): Promise<void> {
  const lines = [
    ...report.blocks.flatMap((block) => (block.kind === 'table' ? [block.title, tableOf(block)] : [])),
    ...report.measures.map(measureLine),
    ...report.failures.map((failure) => `FAIL ${failure}`),
    `${report.title}: ${report.verdict}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const settings = { ...report.settings, target: String(report.settings.target ?? 'server') };
  await writeResult({ ...report, settings }, json);
  if (report.verdict === 'failed') process.exitCode = 1;
}

function measureLine({ name, value, unit, target }: BenchMeasure): string {
  return `${name}: ${Number(value.toPrecision(4))} ${unit}${target === undefined ? '' : ` (target ${target})`}`;
}

function tableOf({ columns, rows, note }: Extract<BenchBlock, { readonly kind: 'table' }>): string {
  const table = new Table({
    head: columns.map(({ name }) => name),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map((cell) => cell ?? '–'));
  return [table.toString(), ...(note === undefined ? [] : [note])].join('\n');
}
