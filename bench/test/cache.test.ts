import { expect, it } from 'vitest';
import { zipf } from '../src/cache/zipf.ts';
import { seededRandom } from '../src/random.ts';
import { runBench } from './run-bench.ts';

it('the first rank comes twice as often as the second, and ten times as often as the tenth', () => {
  const next = zipf(seededRandom(1), 1_000, 1);
  const times = new Map<number, number>();
  for (let turn = 0; turn < 200_000; turn += 1) {
    const rank = next();
    times.set(rank, (times.get(rank) ?? 0) + 1);
  }
  const first = times.get(0) ?? 0;
  expect(first / (times.get(1) ?? 0)).toBeCloseTo(2, 0);
  expect(first / (times.get(9) ?? 0) / 10).toBeCloseTo(1, 0);
  expect(Math.max(...times.keys())).toBeLessThan(1_000);
});

it('what is asked again hits, a full cache is small, and a restart knows what was asked', {
  timeout: 120_000,
}, async () => {
  const sizes = ['--texts', '200', '--queries', '500', '--model-delay', '1'];
  const { report, data, output } = await runBench(['cache', ...sizes]);
  expect(report.verdict, output).toBe('passed');
  const { hits, misses, best } = data.total;
  expect(hits + misses).toBe(500);
  // Callers that miss the same text at the same time each count a miss.
  expect(hits / 500).toBeGreaterThan(best - 0.1);
  expect(hits / 500).toBeLessThanOrEqual(best);
  expect(report.measures).toContainEqual(
    expect.objectContaining({ name: 'known after a restart, of the 100 asked most', value: 1 }),
  );
});
