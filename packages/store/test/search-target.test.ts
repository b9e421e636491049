import { expect, test } from 'vitest';
import { isExactCheaper } from '../src/reads/search-target.ts';

const exactScanBound = 2_000;

test.each([
  ['as few as the bound, alone', 2_000, 2_000, true],
  ['more than the bound, alone', 2_001, 2_001, false],
  ['a third of the index', 10_000, 30_000, false],
  // 50,000 others stand between its hundred nearest: 0.1 s in the graph, 10 ms one by one.
  ['one in two hundred', 5_000, 1_000_000, true],
  ['one in ten of very many', 1_000_000, 10_000_000, false],
  ['more than the bound, of an index whose size is not known', 5_000, 0, false],
  ['more than are counted', Number.POSITIVE_INFINITY, 1_000_000, false],
] as const)('a space is compared one by one where that costs less than the graph: %s', (_, ofSpace, ofIndex, exact) => {
  expect(isExactCheaper({ ofSpace, ofIndex, exactScanBound })).toBe(exact);
});
