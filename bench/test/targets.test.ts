import { expect, test } from 'vitest';
import { runBench } from './running-bench.ts';

const sizes = ['--memories', '40', '--users', '2', '--duration', '2', '--connections', '2', '--window', '1'];

test('users are held to the promise, and operations stand beside their bare statements', {
  timeout: 240_000,
}, async () => {
  const { report, data } = await runBench('targets', ...sizes, '--rounds', '2');
  const held = report.measures.filter(({ target }) => target !== undefined);
  expect(held.map(({ name, target }) => [name, target])).toEqual([
    ['add p95, 2 users', 150],
    ['query p95, 2 users', 300],
    ['bootstrap p95, 2 users', 200],
    ['errors, 2 users', 0],
  ]);
  // A busy machine may be too slow; an operation that goes wrong is another matter.
  expect(report.failures.filter((failure) => !/ p95, 2 users: /.test(failure))).toEqual([]);

  const ratios = report.measures.filter(({ unit }) => unit === 'ratio');
  expect(ratios.map(({ name }) => name.split(' ')[0])).toEqual(['query', 'add', 'bootstrap', 'no-op']);
  for (const { name, value } of ratios) expect(value, name).toBeGreaterThan(0);
  expect(data).toMatchObject([{ loads: [{ users: 2 }] }, { closed: { length: 9 }, open: { length: 4 } }]);
  expect(report.versions).toMatchObject({ database: expect.stringContaining('PGlite') });
});
