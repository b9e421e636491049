import { describe, expect, test } from 'vitest';
import { asOne, inParts, oneByOne } from '../src/screens/memories/in-parts.ts';

const five = [1, 2, 3, 4, 5];
const refuse = (refused: readonly number[]) => async (one: number) => {
  if (refused.includes(one)) throw new Error(`not ${one}`);
};

describe('a change of many things', () => {
  test('is done to all, part by part, and says how far it is', async () => {
    const parts: (readonly number[])[] = [];
    const dealtWith: number[] = [];
    const send = asOne<number>(async (part) => parts.push(part));
    expect(await inParts(five, 2, send, (number) => dealtWith.push(number))).toEqual({ done: five });
    expect(parts).toEqual([[1, 2], [3, 4], [5]]);
    expect(dealtWith).toEqual([2, 4, 5]);
  });

  test('that fails for one goes on with the others, and says why it failed', async () => {
    const { done, failure } = await inParts(five, 2, oneByOne(refuse([2, 5])));
    expect(done).toEqual([1, 3, 4]);
    expect(failure).toEqual(new Error('not 2'));
  });

  test('ends with a part of which nothing is done, and what was done before is known', async () => {
    const send = asOne<number>(async (part) => {
      if (part.includes(3)) throw new Error('away');
    });
    expect(await inParts(five, 2, send)).toEqual({ done: [1, 2], failure: new Error('away') });
  });
});
