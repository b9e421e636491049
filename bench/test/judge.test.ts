import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimate, isBlindTo, judge } from '../src/check/judge.ts';
import { seededRandom } from '../src/random.ts';

/** A normal number (Box–Muller). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Ratios around a middle, with a relative noise and now and then one that is far off, as a busy machine makes them. */
function repetitions(random: () => number, middle: number, noise: number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const outlier = random() < 0.08 ? 0.5 : 0;
    return middle * Math.exp(noise * gaussian(random) - outlier);
  });
}

/** A run of a build: where its middle lies differs a little from run to run. */
const runOf = (random: () => number, ratio: number, noise = 0.08, count = 12) =>
  estimate(repetitions(random, ratio * Math.exp(0.02 * gaussian(random)), noise, count));

const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
const several = fc.array(positive, { minLength: 2, maxLength: 30 });
const runs = fc.array(fc.record({ ratio: positive, error: fc.double({ min: 0, max: 1, noNaN: true }) }), {
  ...{ minLength: 1, maxLength: 7 },
});

const trials = 400;

test.each([
  [3, 0.85],
  [5, 0.9],
  [7, 0.9],
])('a slowdown by 0.3 is caught, and an unchanged build passes, with a baseline of %i runs', (count, least) => {
  const random = seededRandom(count);
  let [caught, passed] = [0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const ratio = 0.05 + random();
    const baseline = Array.from({ length: count }, () => runOf(random, ratio));
    if (judge(baseline, runOf(random, ratio / 1.3)).verdict === 'slower') caught += 1;
    if (judge(baseline, runOf(random, ratio)).verdict !== 'slower') passed += 1;
  }
  expect(caught / trials).toBeGreaterThan(least);
  expect(passed / trials).toBeGreaterThan(0.995);
});

test.each([
  [1, 0.3, 5],
  [1, 0.1, 12],
  [2, 0.3, 15],
])('an unchanged build passes where little is known: %i runs, noise %f, %i repetitions', (count, noise, repeated) => {
  const random = seededRandom(2);
  let passed = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const baseline = Array.from({ length: count }, () => runOf(random, 0.3, noise, repeated));
    if (judge(baseline, runOf(random, 0.3, noise, repeated)).verdict !== 'slower') passed += 1;
  }
  expect(passed / trials).toBeGreaterThan(0.985);
});

test('the same numbers are the same, whatever they are', () => {
  fc.assert(
    fc.property(several, (values) => {
      const run = estimate(values);
      expect(judge([run], run)).toMatchObject({ verdict: 'same', factor: 1 });
    }),
  );
});

test('only ratios count: both sides in another unit are judged alike', () => {
  fc.assert(
    fc.property(runs, several, positive, (baseline, ratios, unit) => {
      const scaled = baseline.map(({ ratio, error }) => ({ ratio: ratio * unit, error }));
      const one = judge(baseline, estimate(ratios));
      const other = judge(scaled, estimate(ratios.map((ratio) => ratio * unit)));
      expect(other.factor / one.factor).toBeCloseTo(1, 6);
      expect(Math.log(other.noise)).toBeCloseTo(Math.log(one.noise), 6);
    }),
  );
});

test('slower is never judged better than faster', () => {
  const order = { slower: 0, same: 1, faster: 2 };
  fc.assert(
    fc.property(runs, several, fc.double({ min: 1, max: 10, noNaN: true }), (baseline, ratios, slowdown) => {
      const slow = judge(baseline, estimate(ratios.map((ratio) => ratio / slowdown)));
      expect(order[slow.verdict]).toBeLessThanOrEqual(order[judge(baseline, estimate(ratios)).verdict]);
    }),
  );
});

test('a baseline of more runs makes no more noise of the same', () => {
  fc.assert(
    fc.property(
      positive,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      (ratio, error, count) => {
        const run = { ratio, error };
        const noiseOf = (length: number) =>
          judge(
            Array.from({ length }, () => run),
            run,
          ).noise;
        expect(noiseOf(count + 1)).toBeLessThanOrEqual(noiseOf(count) + 1e-9);
      },
    ),
  );
});

test('noise is never less than what servers differ by that start anew, and what it hides is said', () => {
  const quiet = judge([estimate([1, 1, 1])], estimate([1, 1, 1]));
  expect(quiet.noise).toBeGreaterThan(1.12);
  expect(isBlindTo(0.3, quiet)).toBe(false);
  expect(isBlindTo(0.3, judge([estimate([1, 1, 1])], estimate([0.2, 5, 0.3, 4])))).toBe(true);
});

test('one window that was disturbed changes nothing', () => {
  const ratios = [0.5, 0.51, 0.49, 0.5, 0.52, 0.48, 0.5, 0.51];
  expect(estimate([...ratios, 0.01]).ratio).toBe(estimate([...ratios, 0.49]).ratio);
});

test('a ratio that is no ratio is refused', () => {
  expect(() => estimate([])).toThrow(RangeError);
  expect(() => estimate([0, 0])).toThrow(RangeError);
  expect(() => judge([], estimate([1, 1]))).toThrow(RangeError);
});
