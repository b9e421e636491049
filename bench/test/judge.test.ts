import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBlindTo, judge } from '../src/check/judge.ts';
import { seededRandom } from '../src/random.ts';

/** A normal number (Box–Muller). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Ratios around a middle, with a relative noise and now and then one that is far off, as a busy machine makes them. */
function repetitions(random: () => number, middle: number, noise: number, count = 12): number[] {
  return Array.from({ length: count }, () => {
    const outlier = random() < 0.08 ? 0.5 : 0;
    return middle * Math.exp(noise * gaussian(random) - outlier);
  });
}

/** A run of a build: where its middle lies differs a little from run to run. */
const runOf = (random: () => number, ratio: number) =>
  repetitions(random, ratio * Math.exp(0.02 * gaussian(random)), 0.08);

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
const several = fc.array(positive, { minLength: 2, maxLength: 30 });

test('a slowdown of 30 % is caught, and an unchanged build passes', () => {
  const random = seededRandom(1);
  let [caught, passed] = [0, 0];
  const trials = 400;
  for (let trial = 0; trial < trials; trial += 1) {
    const ratio = 0.05 + random();
    const baseline = Array.from({ length: 5 }, () => middle(runOf(random, ratio)));
    if (judge(baseline, runOf(random, ratio / 1.3)).verdict === 'slower') caught += 1;
    if (judge(baseline, runOf(random, ratio)).verdict !== 'slower') passed += 1;
  }
  expect(caught / trials).toBeGreaterThan(0.95);
  expect(passed / trials).toBeGreaterThan(0.995);
});

test('the same numbers are the same, whatever they are', () => {
  fc.assert(
    fc.property(several, (values) => {
      const { verdict, factor } = judge(values, values);
      expect([verdict, factor]).toEqual(['same', 1]);
    }),
  );
});

test('only ratios count: both sides in another unit are judged alike', () => {
  fc.assert(
    fc.property(several, several, fc.double({ min: 0.01, max: 100, noNaN: true }), (baseline, ratios, unit) => {
      const scaled = (values: readonly number[]) => values.map((value) => value * unit);
      const [one, other] = [judge(baseline, ratios), judge(scaled(baseline), scaled(ratios))];
      expect(other.factor).toBeCloseTo(one.factor, 6);
      expect(Math.log(other.noise)).toBeCloseTo(Math.log(one.noise), 6);
    }),
  );
});

test('slower is never judged better than faster', () => {
  const order = { slower: 0, same: 1, faster: 2 };
  fc.assert(
    fc.property(several, several, fc.double({ min: 1, max: 10, noNaN: true }), (baseline, ratios, slowdown) => {
      const slow = judge(
        baseline,
        ratios.map((ratio) => ratio / slowdown),
      );
      expect(order[slow.verdict]).toBeLessThanOrEqual(order[judge(baseline, ratios).verdict]);
    }),
  );
});

test('noise is never less than what servers differ by that start anew, and what it hides is said', () => {
  const quiet = judge([1], [1, 1, 1]);
  expect(quiet.noise).toBeGreaterThan(1.1);
  expect(isBlindTo(0.3, quiet)).toBe(false);
  expect(isBlindTo(0.3, judge([1], [0.2, 5, 0.3, 4]))).toBe(true);
});

test('one window that was disturbed changes nothing', () => {
  const ratios = [0.5, 0.51, 0.49, 0.5, 0.52, 0.48, 0.5, 0.51];
  expect(judge([0.5], [...ratios, 0.01]).verdict).toBe('same');
});

test('a ratio that is no ratio is refused', () => {
  expect(() => judge([], [1, 1])).toThrow(RangeError);
  expect(() => judge([1], [])).toThrow(RangeError);
});
