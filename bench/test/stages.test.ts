import { expect, test } from 'vitest';
import { lengthOf, referenceStages, usersAt } from '../src/mix/stages.ts';

const stages = referenceStages(50, false);

test('the reference load rises to 10, then to 50, stays, and goes', () => {
  const at = [0, 15, 30, 60, 90, 150, 209, 225, 239.9, 240, 1_000].map((seconds) => usersAt(stages, seconds));
  expect(at).toEqual([0, 5, 10, 30, 50, 50, 50, 25, 0, 0, 0]);
  expect(lengthOf(stages)).toBe(240);
});

test('the fast form has the same users in an eighth of the time', () => {
  const fast = referenceStages(50, true);
  expect(lengthOf(fast)).toBe(30);
  for (const seconds of [0, 15, 30, 60, 90, 150, 225]) {
    expect(usersAt(fast, seconds / 8)).toBe(usersAt(stages, seconds));
  }
});
