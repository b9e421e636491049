import { expect, it } from 'vitest';
import { seededRandom } from '../src/random.ts';
import { trendOf } from '../src/soak/trend.ts';
import { runBench } from './run-bench.ts';

/** A reading a second, for ten minutes. */
const over = (value: (at: number) => number) =>
  Array.from({ length: 600 }, (_, second) => [1_000 * second, value(second)] as const);

it('a leak is found behind the ups and downs of garbage', () => {
  const random = seededRandom(1);
  const leaking = over((second) => 100 + 0.05 * second + 40 * random());
  expect(trendOf(leaking, 0.1)).toMatchObject({ isRising: true });
  expect(trendOf(leaking, 0.1).rise).toBeGreaterThan(10);
});

it('garbage, a warm-up that ends and a little growth are no leak', () => {
  const random = seededRandom(2);
  expect(
    trendOf(
      over(() => 100 + 40 * random()),
      0.1,
    ).isRising,
  ).toBe(false);
  expect(
    trendOf(
      over((second) => Math.min(150, 100 + second)),
      0.1,
    ).isRising,
  ).toBe(false);
  expect(
    trendOf(
      over((second) => 100 + 0.005 * second),
      0.1,
    ).isRising,
  ).toBe(false);
  expect(
    trendOf(
      over((second) => 100 - 0.1 * second),
      0.1,
    ).isRising,
  ).toBe(false);
});

it('a soak reads memory, handles and lag of a real server, and reports them', { timeout: 120_000 }, async () => {
  const sizes = ['--minutes', '0.1', '--users', '4', '--memories', '20', '--every', '0.5'];
  const { report, data, output } = await runBench(['soak', ...sizes]);
  expect(report.measures, output).toContainEqual(expect.objectContaining({ name: 'memory at first', unit: 'bytes' }));
  expect(report.measures).toContainEqual(expect.objectContaining({ name: 'handles at first', unit: 'count' }));
  expect(data.readings.length).toBeGreaterThan(5);
  for (const { rssBytes, handles } of data.readings) {
    expect(rssBytes).toBeGreaterThan(10_000_000);
    expect(handles).toBeGreaterThan(0);
  }
  expect(report.measures).toContainEqual(expect.objectContaining({ name: 'errors, 4 users', value: 0 }));
});
