import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalystMarkers, catalystReasons, densestAccesses, markerIn } from '../src/index.ts';

const minutes = (...at: number[]) => at.map((minute) => minute * 60_000);
const nothing = { accessTimes: [], connections: 0, content: 'tea' };

describe('a potential catalyst', () => {
  test.each([
    ['three accesses within ten minutes', minutes(0, 5, 10), 3],
    ['the densest ten minutes of many', minutes(0, 1, 30, 31, 32, 33, 60), 4],
    ['accesses all at once', minutes(7, 7, 7, 7, 7), 5],
  ])('is one with %s', (_, accessTimes, count) => {
    expect(catalystReasons({ ...nothing, accessTimes })).toEqual([{ kind: 'accesses', count, withinMinutes: 10 }]);
  });

  test.each([
    ['two accesses', minutes(0, 1)],
    ['three accesses in more than ten minutes', [0, 1, 10 * 60_000 + 1]],
    ['an access every six minutes', minutes(0, 6, 12, 18, 24)],
    ['no access', []],
  ])('is none with %s', (_, accessTimes) => {
    expect(catalystReasons({ ...nothing, accessTimes })).toEqual([]);
  });

  test('is one with five associations, and none with four', () => {
    expect(catalystReasons({ ...nothing, connections: 5 })).toEqual([{ kind: 'associations', count: 5 }]);
    expect(catalystReasons({ ...nothing, connections: 4 })).toEqual([]);
  });

  test('has every reason that speaks for it, in one order', () => {
    const evidence = { accessTimes: minutes(1, 2, 3), connections: 6, content: 'Finally: a breakthrough' };
    expect(catalystReasons(evidence)).toEqual([
      { kind: 'accesses', count: 3, withinMinutes: 10 },
      { kind: 'associations', count: 6 },
      { kind: 'marker', word: 'breakthrough' },
    ]);
  });

  test('is counted as its accesses are by looking at every ten minutes that begin with one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 * 60_000 }), { maxLength: 30 }), (unordered) => {
        const times = unordered.toSorted((a, b) => a - b);
        const counts = times.map((begin) => times.filter((time) => time >= begin && time - begin <= 600_000).length);
        expect(densestAccesses(times)).toBe(Math.max(0, ...counts));
      }),
    );
  });
});

describe('a marker', () => {
  test.each(catalystMarkers)('"%s" is found in any case, between any signs', (word) => {
    expect(markerIn(`So: «${word.toUpperCase()}»!`)).toBe(word);
  });

  test('may stand on two lines', () => {
    expect(markerIn('It was a turning\n point.')).toBe('turning point');
  });

  test.each(['the final report', 'insightful', 'unrealised', 'éinsight', 'my_insight', 'turning to a point', ''])(
    'is not found within other words: %j',
    (content) => {
      expect(markerIn(content)).toBeUndefined();
    },
  );
});
