import { expect, test } from 'vitest';
import { runBench } from './run-bench.ts';

const sizes = ['--memories', '40', '--users', '8', '--duration', '3', '--connections', '2', '--window', '1'];

test('users are held to the promise, and operations stand beside their bare statements', {
  timeout: 240_000,
}, async () => {
  const { report, data } = await runBench(['targets', ...sizes, '--rounds', '1']);
  const held = report.measures.filter(({ target }) => target !== undefined);
  expect(held.map(({ name, target }) => [name, target])).toEqual([
    ['add p95, 8 users', 150],
    ['query p95, 8 users', 300],
    ['bootstrap p95, 8 users', 200],
    ['errors, 8 users', 0],
  ]);
  // A busy machine may be too slow; an operation that goes wrong is another matter.
  expect(report.failures.filter((failure) => !/ p95, 8 users: /.test(failure))).toEqual([]);

  const ratios = report.measures.filter(({ unit }) => unit === 'ratio');
  expect(ratios.map(({ name }) => name.split(' ')[0])).toEqual(['query', 'bootstrap', 'no-op', 'add']);
  for (const { name, value } of ratios) expect(value, name).toBeGreaterThan(0);
  const [ofUsers, capacity] = data;
  expect(ofUsers).toMatchObject({ loads: [{ users: 8 }] });
  expect([capacity.closed.length, capacity.open.length]).toEqual([9, 4]);
  expect(report.versions).toMatchObject({ database: expect.stringContaining('PGlite') });
});
