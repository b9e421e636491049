import Table from 'cli-table3';
import type { Measured } from './measure-load.ts';
import { operations } from './operations.ts';
import type { OperationResult } from './recorder.ts';

/** How each operation did, against its target, for a person to read. */
export function renderLoad({ requestsPerSecond, operations: results }: Measured): string {
  const table = new Table({
    head: ['operation', 'count', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'target p95', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { operation, count, errorCount, p50, p95, p99, max, targetP95, isWithinTarget } of results) {
    const times = [p50, p95, p99, max].map((ms) => ms.toFixed(1));
    table.push([operation, count, errorCount, ...times, `${targetP95} ms`, isWithinTarget ? '✓' : '✗ FAIL']);
  }
  const errors = results.flatMap(({ operation, errors: kinds }) =>
    Object.entries(kinds).map(([kind, times]) => `${operation} failed ${times} times: ${kind}`),
  );
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const shareOf = (name: OperationResult['operation'], key: 'pendingShare' | 'degradedShare') =>
    percent(results.find(({ operation }) => operation === name)?.[key] ?? 0);
  return [
    table.toString(),
    ...errors,
    `${requestsPerSecond.toFixed(1)} requests/s; adds answered before their vector was ready: ` +
      `${shareOf('add', 'pendingShare')}; queries answered by words alone: ${shareOf('query', 'degradedShare')}`,
  ].join('\n');
}

/** The p95 that each operation is held to, in words. */
export function targets(): string {
  return Object.entries(operations)
    .map(([name, { p95Ms }]) => `${name} ${p95Ms} ms`)
    .join(', ');
}
