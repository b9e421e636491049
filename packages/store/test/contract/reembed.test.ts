import { type AddResult, type EmbeddingModel, reembed, reembedInput, type Space } from '@anima/core';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweepVectors } from '../../src/reembedding/sweep-vectors.ts';
import { switchModel } from '../../src/reembedding/switch-model.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { replayed, stored } from '../replay.ts';
import { letters, vectorOf, words } from '../word-model.ts';

const patience = { timeout: 30_000, interval: 20 };
/** Everything is looked at, and nothing may be missing. */
const wholly = { checked: 0, mayMiss: 0 };
const fruits = ['apple pie', 'pear tart', 'plum jam', 'fig roll', 'quince jelly', 'cherry cake', 'grape juice'];

onEveryEngine('a space that gets another model', (opened) => {
  const begin = (space: Space, model: EmbeddingModel = letters, textsPerSecond?: number) =>
    opened().store.reembeddings.begin(space, model, { textsPerSecond });
  const modelOf = async (space: Space) => (await opened().store.reembeddings.read(space)).model;
  const isOver = async (space: Space) => (await opened().store.reembeddings.read(space)).reembedding === null;
  const arrived = async (space: Space) => {
    await expect.poll(() => isOver(space), patience).toBe(true);
    expect(await modelOf(space)).toEqual(letters);
    return opened().store.openSpace(space.id);
  };
  const idsIn = async (space: Space, model: EmbeddingModel) => {
    const { vectorsTable } = await (await opened().models()).register(model);
    const { rows } = await sql<{ memory_id: string }>`
      select distinct memory_id from ${sql.table(vectorsTable)}
      where shard = ${space.shard} and space_id = ${space.id} order by memory_id`.execute(opened().db);
    return rows.map(({ memory_id }) => memory_id);
  };
  const idsOf = (added: readonly AddResult[]) => added.map(({ memory }) => memory.id).toSorted();
  const filled = async (contents = fruits) => {
    const space = await opened().newSpace();
    const added = await opened().addMany(space, { memories: contents.map((content) => ({ content })) });
    return { space, ids: idsOf(added) };
  };
  const setVisibility = (space: Space, id: string, visibility: string) =>
    sql`update memories set visibility = ${visibility}
      where shard = ${space.shard} and space_id = ${space.id} and memory_id = ${id}`.execute(opened().db);

  test('while nobody works nothing changes: it is written down, and survives a restart', async () => {
    const { space } = await filled();
    const { reembedding } = await begin(space, letters, 500);
    const written = { model: letters, done: 0, total: fruits.length, failed: 0, textsPerSecond: 500, problem: null };
    expect(reembedding).toEqual(written);
    await opened().reopen();
    const again = await opened().store.openSpace(space.id);
    expect(again.model).toEqual(words);
    expect(await opened().store.reembeddings.read(again)).toEqual({ model: words, failed: 0, reembedding: written });
    const { memories } = await opened().query(again, { query: 'apple pie', limit: 1 });
    expect(memories).toMatchObject([{ content: 'apple pie', similarity: expect.closeTo(1, 2) }]);
  });

  test('asked for again it goes on, at the new pace; yet another model is a CONFLICT that says what to do', async () => {
    const { space } = await filled();
    await begin(space);
    expect((await begin(space, letters, 7)).reembedding).toMatchObject({ textsPerSecond: 7 });
    expect((await begin(space)).reembedding).toMatchObject({ textsPerSecond: 7 });
    await expect(begin(space, { ...letters, name: 'numbers' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/on its way to test\/letters with 32 dimensions.*--cancel/),
    });
    await expect(begin(space, words)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('the model that it has is nothing to begin', async () => {
    const { space } = await filled();
    expect(await begin(space, words)).toEqual({ model: words, failed: 0, reembedding: null });
  });

  test('is not switched while one memory lacks its vector, and then wholly: model, event and end together', async () => {
    const { space, ids } = await filled(['one', 'two']);
    await begin(space);
    const next = await (await opened().models()).register(letters);
    const save = (memoryId: string) =>
      opened().store.saveVectors({ ...space, model: letters }, [
        { memoryId, version: 1, chunks: [vectorOf('any', letters)] },
      ]);
    await save(ids[0]!);
    const before = await opened().fingerprint();
    expect(await switchModel(opened().db, space, next, wholly)).toBe(false);
    expect(await opened().fingerprint()).toEqual(before);
    await save(ids[1]!);
    expect(await switchModel(opened().db, space, next, wholly)).toBe(true);
    expect(await switchModel(opened().db, space, next, wholly), 'once').toBe(false);
    expect(await opened().store.reembeddings.read(space)).toEqual({ model: letters, failed: 0, reembedding: null });
    const { rows } = await sql`
      select type, payload, memory_ids as ids from events where shard = ${space.shard} order by position`.execute(
      opened().db,
    );
    expect(rows.at(-1)).toEqual({ type: 'space.reembedded', payload: { modelId: next.modelId }, ids: [] });
    await opened().fold(space);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  });

  test('what the log names after the last look is looked at while the head is held', async () => {
    const { space } = await filled(['one']);
    await begin(space);
    const next = await (await opened().models()).register(letters);
    const { rows } = await sql<{ position: number }>`
      select position from shard_heads where shard = ${space.shard}`.execute(opened().db);
    const checked = rows[0]!.position;
    const { memory } = await opened().add(space, 'two');
    expect(await switchModel(opened().db, space, next, { checked, mayMiss: 0 })).toBe(false);
    await opened().store.saveVectors({ ...space, model: letters }, [
      { memoryId: memory.id, version: 1, chunks: [vectorOf('two', letters)] },
    ]);
    expect(await switchModel(opened().db, space, next, { checked, mayMiss: 0 })).toBe(true);
  });

  test('a switch that meets an error in its midst leaves nothing behind', async () => {
    const { space } = await filled();
    await begin(space);
    const next = await (await opened().models()).register(letters);
    // The place in the log where its event would go.
    await sql`insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select shard, position + 1, ${space.id}, gen_random_uuid(), 'space.configured', 1, '{}', '{"changes": {}}', now()
      from shard_heads where shard = ${space.shard}`.execute(opened().db);
    const before = await opened().fingerprint();
    await expect(switchModel(opened().db, space, next, { checked: 0, mayMiss: 100 })).rejects.toThrow(/events_pkey/);
    expect(await opened().fingerprint()).toEqual(before);
    // As if that other event had been appended.
    await sql`update shard_heads set position = position + 1 where shard = ${space.shard}`.execute(opened().db);
  });

  describe('once workers run', () => {
    test('begins with starting them', async () => {
      await opened().store.startWorkers(opened().embedder);
      const { rows } = await sql<{ left: number }>`select count(*)::int as left from reembeddings`.execute(opened().db);
      expect(rows[0]!.left).toBeGreaterThan(0);
      const left = async () =>
        (await sql<{ left: number }>`select count(*)::int as left from reembeddings`.execute(opened().db)).rows[0]!
          .left;
      await expect.poll(left, patience).toBe(0);
    });

    test('every memory that may be needed again gets its vector: hidden and merged ones, not erased ones', async () => {
      const { space, ids } = await filled();
      const [hidden, merged, erased, expired] = ids as [string, string, string, string];
      await setVisibility(space, hidden, 'hidden');
      await setVisibility(space, merged, 'merged');
      await setVisibility(space, erased, 'erased');
      await setVisibility(space, expired, 'expired');
      await begin(space);
      await arrived(space);
      expect(await idsIn(space, letters)).toEqual(ids.filter((id) => id !== erased && id !== expired));
    });

    test('chunks come along, and answers are those of the new model alone', async () => {
      const { space } = await filled([...fruits, 'first paragraph\n\nsecond paragraph']);
      await begin(space);
      const now = await arrived(space);
      expect(now.model).toEqual(letters);
      const { memories, degraded } = await opened().query(now, { query: 'second paragraph', record: false });
      expect(degraded).toBeUndefined();
      expect(memories[0]).toMatchObject({
        content: 'first paragraph\n\nsecond paragraph',
        similarity: expect.closeTo(1, 2),
      });
      for (const { content, similarity } of memories.slice(1)) {
        expect(similarity).toBeCloseTo(cosine('second paragraph', content), 2);
      }
    });

    test('queries are answered throughout, each by one model, and no memory is ever missing', async () => {
      const contents = Array.from({ length: 100 }, (_, index) => `bottle number ${index}`);
      const { space } = await filled(contents);
      opened().embedder.delayMs = 5;
      // Without rests, which on a busy machine are long.
      await begin(space, letters, 10_000);
      const seen = new Set<string>();
      let asked = 0;
      for (let after = 0; after < 10; after += (await isOver(space)) ? 1 : 0) {
        const now = await opened().store.openSpace(space.id);
        const [answer] = await Promise.all([
          opened().query(now, { query: contents[asked % 100]!, record: false, limit: 5 }),
          asked % 4 === 0 ? opened().add(now, `added meanwhile ${asked}`) : undefined,
        ]);
        expect(answer.degraded).toBeUndefined();
        const found = answer.memories.find(({ content }) => content === contents[asked % 100]);
        expect(found?.similarity, 'by its vector').toBeCloseTo(1, 2);
        const model = [words, letters].find((each) =>
          answer.memories.every(
            ({ content, similarity }) => Math.abs(similarity! - cosine(answer.query, content, each)) < 0.01,
          ),
        );
        expect(model, 'all results are of one model').toBeDefined();
        if (answer.memories.some(({ similarity }) => similarity! < 0.99)) seen.add(model!.name);
        asked += 1;
      }
      opened().embedder.delayMs = 0;
      expect([...seen].toSorted()).toEqual(['letters', 'words']);
      const now = await arrived(space);
      const { memories } = await opened().query(now, { query: 'added meanwhile 0', record: false, limit: 1 });
      expect(memories).toMatchObject([{ content: 'added meanwhile 0', similarity: expect.closeTo(1, 2) }]);
    });

    test('what is added meanwhile has vectors of both models when it switches', async () => {
      const { space } = await filled();
      opened().embedder.isDown = true;
      await begin(space);
      await expect
        .poll(async () => (await opened().store.reembeddings.read(space)).reembedding?.problem, patience)
        .toBe('the model does not answer');
      opened().embedder.isDown = false;
      const { memory, embedding } = await opened().add(space, 'late strudel');
      expect(embedding).toBe('ready');
      await arrived(space);
      for (const model of [words, letters]) expect(await idsIn(space, model)).toContain(memory.id);
    });

    test('a text that the new model refuses is reported, holds nobody up and is found by its words', async () => {
      const { space, ids } = await filled(['sweet plum', 'cursed plum', 'ripe plum']);
      opened().embedder.refuses = (text) => text.includes('cursed');
      await begin(space);
      const now = await arrived(space);
      opened().embedder.refuses = () => false;
      expect(await opened().store.reembeddings.read(now)).toMatchObject({ failed: 1 });
      expect(await idsIn(space, letters)).toHaveLength(ids.length - 1);
      const { memories } = await opened().query(now, { query: 'cursed', record: false });
      expect(memories[0]).toMatchObject({ content: 'cursed plum', similarity: null });
      await sql`update embedding_failures set next_attempt_at = now() where shard = ${space.shard}`.execute(
        opened().db,
      );
      opened().store.requestEmbedding(now);
      await expect.poll(async () => (await idsIn(space, letters)).length, patience).toBe(ids.length);
    });

    test('given up, it keeps its model, and the vectors of the other are swept away', async () => {
      const { space, ids } = await filled();
      await begin(space, letters, 1);
      await expect.poll(() => idsIn(space, letters), patience).not.toEqual([]);
      expect(await opened().store.reembeddings.cancel(space)).toEqual(letters);
      expect(await opened().store.reembeddings.cancel(space)).toBeUndefined();
      expect(await opened().store.reembeddings.read(space)).toEqual({ model: words, failed: 0, reembedding: null });
      await expect.poll(() => sweptIn(space, letters), patience).toEqual([]);
      expect(await idsIn(space, words)).toEqual(ids);
    });

    test('the vectors of its former model are swept away once nobody can ask for them, those of others stay', async () => {
      const [{ space, ids }, beside] = [await filled(), await filled()];
      await begin(space);
      await arrived(space);
      await sweepVectors(opened().db, await opened().models());
      expect(await idsIn(space, words), 'another process may still ask').toEqual(ids);
      await expect.poll(() => sweptIn(space, words), patience).toEqual([]);
      expect(await idsIn(space, letters)).toEqual(ids);
      expect(await idsIn(beside.space, words)).toEqual(beside.ids);
    });

    test('goes back, with the vectors that are still there', async () => {
      const { space, ids } = await filled();
      await begin(space);
      const now = await arrived(space);
      const asked = opened().embedder.asked.length;
      await begin(now, words);
      await expect.poll(() => modelOf(now), patience).toEqual(words);
      expect(opened().embedder.asked.slice(asked)).toEqual([]);
      await sql`update discarded_vectors set since = now() - interval '1 hour'`.execute(opened().db);
      await sweepVectors(opened().db, await opened().models());
      expect(await idsIn(space, words)).toEqual(ids);
    });

    test('is told step by step to who asked for it', async () => {
      const { space } = await filled();
      const { store } = opened();
      const dependencies = {
        ...{ store, reembeddings: store.reembeddings },
        embedder: { findModel: async () => letters },
      };
      const input = reembedInput.parse({ provider: 'ollama', space: space.id });
      const steps: unknown[] = [];
      for await (const step of await reembed(dependencies, input)) steps.push(step);
      expect(steps[0]).toMatchObject({ type: 'progress', progress: { model: letters, total: fruits.length } });
      const report = { space: space.id, model: letters, memories: fruits.length, failed: 0 };
      expect(steps.at(-1)).toEqual({ type: 'report', report: { ...report, outcome: 'switched' } });
      const again: unknown[] = [];
      for await (const step of await reembed(dependencies, input)) again.push(step);
      expect(again).toEqual([{ type: 'report', report: { ...report, outcome: 'unchanged', memories: 0 } }]);
    });
  });

  /** What is left of a model's vectors once the minute has passed in which they may be asked for. */
  async function sweptIn(space: Space, model: EmbeddingModel): Promise<readonly string[]> {
    await sql`update discarded_vectors set since = now() - interval '1 hour'`.execute(opened().db);
    await sweepVectors(opened().db, await opened().models());
    return idsIn(space, model);
  }
});

onEveryEngine('the vectors of a model that no space has any more', (opened) => {
  test('are gone at once, with all that was noted about them', async () => {
    const space = await opened().newSpace();
    const [added] = await opened().store.add(space, [newMemory('alone')]);
    const saved = { memoryId: added!.memoryId, version: 1 };
    await opened().store.saveVectors(space, [{ ...saved, chunks: [vectorOf('alone')] }]);
    await opened().store.reembeddings.begin(space, letters, { textsPerSecond: undefined });
    const next = { ...space, model: letters };
    await opened().store.saveVectors(next, [{ ...saved, chunks: [vectorOf('alone', letters)] }]);
    const models = await opened().models();
    expect(await switchModel(opened().db, space, await models.register(letters), wholly)).toBe(true);
    await sql`update discarded_vectors set since = now() - interval '1 hour'`.execute(opened().db);
    await sweepVectors(opened().db, models);
    const { rows } = await sql`
      select (select count(*) from vectors_1)::int as former, (select count(*) from ${sql.table(models.of(letters).vectorsTable)})::int as now,
        (select count(*) from discarded_vectors)::int as noted`.execute(opened().db);
    expect(rows).toEqual([{ former: 0, now: 1, noted: 0 }]);
  });
});

function cosine(a: string, b: string, model = letters): number {
  const ofB = b.split('\n\n').map((chunk) => vectorOf(chunk, model));
  const ofA = vectorOf(a, model);
  return Math.max(...ofB.map((vector) => ofA.reduce((sum, value, index) => sum + value * vector[index]!, 0)));
}
