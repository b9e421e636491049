import { expect, test } from 'vitest';
import { SharedReads } from '../src/reads/shared-reads.ts';

/** Reads that end when they are told to, in the order in which they began. */
function heldReads() {
  const reads = new SharedReads<number>();
  const held: PromiseWithResolvers<number>[] = [];
  const ask = (key = 'one') =>
    reads.read(key, () => {
      const begun = Promise.withResolvers<number>();
      held.push(begun);
      return begun.promise;
    });
  const end = async (index: number) => {
    held[index]?.resolve(index);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask, held, end };
}

test('two of the same run side by side, and whoever asks meanwhile shares one that begins after they asked', async () => {
  const { ask, held, end } = heldReads();
  const asked = [ask(), ask(), ask(), ask()];
  expect(held).toHaveLength(2);
  await end(0);
  expect(held).toHaveLength(3);
  const later = ask();
  expect(held).toHaveLength(3);
  await end(1);
  expect(held).toHaveLength(4);
  await end(2);
  await end(3);
  expect(await Promise.all([...asked, later])).toEqual([0, 1, 2, 2, 3]);
});

test('something else does not wait', () => {
  const { ask, held } = heldReads();
  for (const key of ['one', 'one', 'one', 'other']) void ask(key);
  expect(held).toHaveLength(3);
});

test('one that fails fails for those who share it, and the next is read anew', async () => {
  const { ask, held, end } = heldReads();
  const asked = [ask(), ask(), ask(), ask()];
  await end(0);
  held[2]?.reject(new Error('gone'));
  expect(await Promise.allSettled(asked.slice(2))).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  const next = ask();
  expect(held).toHaveLength(4);
  await end(1);
  await end(3);
  expect(await next).toBe(3);
});
