import { type ConsolidationStep, consolidate, consolidateInput, type Space } from '@anima/core';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { logOf, replayed, stored } from '../replay.ts';

onEveryEngine('consolidation', (opened) => {
  const patience = { timeout: 30_000, interval: 100 };
  const add = async (space: Space, content: string) => (await opened().add(space, content)).memory.id;
  const merges = async (space: Space) =>
    (await logOf(opened().db, space.shard)).flatMap((event) =>
      event.type === 'memory.merged' && event.spaceId === space.id ? [event.memoryIds] : [],
    );
  const look = async (space: Space, request: object = {}) => {
    const steps: ConsolidationStep[] = [];
    const input = consolidateInput.parse({ ...request, space: space.id });
    for await (const step of consolidate(opened().dependencies, input)) steps.push(step);
    return steps;
  };

  test('a dry run says what is the same and what differs, and changes nothing', async () => {
    const space = await opened().newSpace();
    const first = await add(space, 'the blue house on the hill');
    const second = await add(space, 'The blue house on the hill!');
    const other = await add(space, 'the blue house on the hill not');
    const before = await opened().fingerprint();
    const steps = await look(space, { dryRun: true, threshold: 0.9 });
    const pairs = steps.flatMap((step) => (step.type === 'pair' ? [step.pair] : []));
    expect(pairs.map(({ survivor, merged, difference }) => [survivor.memoryId, merged.memoryId, difference])).toEqual([
      [first, second, null],
      [first, other, 'negation'],
      [second, other, 'negation'],
    ]);
    expect(steps.at(-1)).toEqual({ type: 'report', examined: 3, merged: 0, different: 2 });
    expect(await opened().fingerprint()).toEqual(before);
  });

  test('the later-added of two that say the same becomes a variant; texts of other chunks are others', async () => {
    const space = await opened().newSpace();
    const first = await add(space, 'one\n\ntwo');
    await add(space, 'one');
    await add(space, 'one\n\nthree');
    const second = await add(space, 'One\n\nTwo.');
    expect((await look(space)).at(-1)).toMatchObject({ merged: 1 });
    expect(await merges(space)).toEqual([[first, second]]);
    expect((await look(space)).at(-1)).toMatchObject({ merged: 0 });
  });

  test('a space may ask for vectors alone', async () => {
    const space = await opened().newSpace();
    await opened().store.configure(space, { consolidationGuard: false, consolidationThreshold: 0.8 });
    await add(space, 'meet at noon by the lake');
    await add(space, 'meet at noon by the oak');
    expect((await look(space)).at(-1)).toMatchObject({ merged: 1, different: 0 });
  });

  test('workers merge what was newly embedded, whichever was embedded first, and nothing in a space that does not want it', async () => {
    const [space, unwilling] = [await opened().newSpace(), await opened().newSpace()];
    await opened().store.configure(unwilling, { consolidation: false });
    opened().embedder.isDown = true;
    const late = await add(space, 'a late vector');
    opened().embedder.isDown = false;
    const early = await add(space, 'A late vector');
    for (const content of ['left alone', 'Left alone']) await add(unwilling, content);
    await opened().store.startWorkers(opened().embedder);
    await expect.poll(() => merges(space), patience).toEqual([[late, early]]);
    const again = await add(space, 'a late vector.');
    await expect
      .poll(() => merges(space), patience)
      .toEqual([
        [late, early],
        [late, again],
      ]);
    // Undone for good: the pair is not merged again, though it is looked at again.
    await opened().store.unmerge(space, again);
    await opened().store.forget(space, [again]);
    await opened().store.restore(space, [again]);
    const marker = await add(space, 'a marker');
    await add(space, 'A marker');
    await expect.poll(() => merges(space), patience).toContainEqual(expect.arrayContaining([marker]));
    expect(await merges(space)).toHaveLength(3);
    expect(await merges(unwilling)).toEqual([]);
    await opened().fold(space);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  });
});
