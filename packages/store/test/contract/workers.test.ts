import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/index.ts';
import { queues } from '../../src/jobs/queues.ts';
import { onEngine, onEveryEngine } from '../engines.ts';
import { replayed, stored } from '../replay.ts';
import { WordModel, words } from '../word-model.ts';

const patience = { timeout: 30_000, interval: 50 };

onEveryEngine('workers', (opened) => {
  const eventually = (read: () => Promise<unknown>) => expect.poll(read, patience);
  const lagEvents = async () => (await opened().store.gauges()).folds.lagEvents;
  const pendingEmbeddings = async () => (await opened().store.gauges()).pendingEmbeddings;
  const jobs = async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from pgboss.job
      where name = any(${Object.values(queues)}::text[]) and state = 'created'`.execute(opened().db);
    return rows[0]!.count;
  };

  test('what was appended while nobody worked, and whose hints were lost, is found by the sweep at the start', async () => {
    const space = await opened().newSpace();
    opened().embedder.isDown = true;
    await opened().add(space, { content: 'a forgotten one', conversationId: 'c', idempotencyKey: 'old' });
    await opened().query(space, { query: 'forgotten', conversationId: 'c' });
    opened().embedder.isDown = false;
    await sql`update requests set expires_at = now() - interval '1 second'`.execute(opened().db);
    await eventually(jobs).toBeGreaterThanOrEqual(4);
    await sql`delete from pgboss.job`.execute(opened().db);
    expect(await opened().store.gauges()).toMatchObject({ folds: { lagEvents: 2 }, pendingEmbeddings: 1 });

    await opened().store.startWorkers(opened().embedder);
    await eventually(lagEvents).toBe(0);
    await eventually(pendingEmbeddings).toBe(0);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
    const { rows } = await sql`select from requests`.execute(opened().db);
    expect(rows, 'expired request keys are forgotten').toEqual([]);
  });

  describe('once they run', () => {
    test('adds, queries and citations are folded without anyone asking', async () => {
      const spaces = [await opened().newSpace(), await opened().newSpace(), await opened().newSpace()];
      await Promise.all(
        spaces.map(async (space) => {
          for (let round = 0; round < 6; round += 1) {
            await opened().add(space, `swift number ${round % 4}`);
            const { recallId, memories } = await opened().query(space, { query: 'swift', conversationId: 'c' });
            if (round % 2 === 0) await opened().store.cite(space, recallId!, [memories[0]!.id]);
          }
        }),
      );
      await eventually(lagEvents).toBe(0);
      for (const { shard } of spaces) {
        expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));
      }
    });

    test('words are counted once each, whoever counts', async () => {
      const space = await opened().newSpace();
      await opened().addMany(space, { memories: [{ content: 'rook and knight' }, { content: 'rook' }] });
      const counted = async () => {
        const { rows } = await sql<{ lexeme: string; memories: number }>`
          select lexeme, memories from lexemes where shard = ${space.shard} order by lexeme`.execute(opened().db);
        return rows.map(({ lexeme, memories }) => `${lexeme} ${memories}`);
      };
      await eventually(counted).toEqual(['knight 1', 'rook 2']);
      await opened().add(space, 'rook');
      await eventually(lagEvents).toBe(0);
      expect(await counted()).toEqual(['knight 1', 'rook 2']);
    });

    test('fault 9: with the model down a memory is stored and found by its words, and embedded once it answers again', async () => {
      const space = await opened().newSpace();
      opened().embedder.isDown = true;
      const { memory, embedding } = await opened().add(space, 'the northern lights');
      expect(embedding).toBe('pending');
      expect(await opened().query(space, 'lights')).toMatchObject({ count: 1, degraded: 'lexical' });
      expect(await pendingEmbeddings()).toBe(1);
      opened().embedder.isDown = false;
      await eventually(pendingEmbeddings).toBe(0);
      expect(await opened().store.readMemories(space, [memory.id])).toMatchObject([{ embedded: true }]);
      const answer = await opened().query(space, 'the northern lights');
      expect(answer.memories).toMatchObject([{ similarity: expect.closeTo(1, 2) }]);
    });

    test('a model that is slower than the budget leaves a memory pending, and the worker finishes it', async () => {
      const space = await opened().newSpace();
      opened().embedder.delayMs = 200;
      const dependencies = { ...opened().dependencies, addEmbedBudgetMs: 1 };
      const { memory, embedding } = await opened().add(space, 'slow tortoise', dependencies);
      opened().embedder.delayMs = 0;
      expect(embedding).toBe('pending');
      const isEmbedded = async () => (await opened().store.readMemories(space, [memory.id]))[0]!.embedded;
      await eventually(isEmbedded).toBe(true);
    });

    test('between the batches of a backlog the event loop turns, so that requests get their turn', async () => {
      const space = await opened().newSpace();
      opened().embedder.isDown = true;
      const contents = Array.from({ length: 100 }, (_, index) => ({ content: `brick ${index}` }));
      await opened().addMany(space, { memories: contents });
      let turns = 0;
      const count = () => {
        turns += 1;
        counting = setImmediate(count);
      };
      let counting = setImmediate(count);
      const turnsAtEmbedding = new Map<string, number>();
      opened().embedder.refuses = (text) => {
        if (text.startsWith('brick')) turnsAtEmbedding.set(text, turns);
        return false;
      };
      opened().embedder.isDown = false;
      await eventually(pendingEmbeddings).toBe(0);
      clearImmediate(counting);
      opened().embedder.refuses = () => false;
      // A batch is 32 texts.
      expect(turnsAtEmbedding.size).toBe(100);
      expect(new Set(turnsAtEmbedding.values()).size).toBeGreaterThanOrEqual(4);
    });

    test('a text that the model always refuses does not stop the others, and is tried again later', async () => {
      const space = await opened().newSpace();
      opened().embedder.isDown = true;
      const added = await opened().addMany(space, {
        memories: ['fine one', 'cursed text', 'fine two'].map((content) => ({ content })),
      });
      opened().embedder.refuses = (text) => text.includes('cursed');
      opened().embedder.isDown = false;
      const ids = added.map(({ memory }) => memory.id);
      const embedded = async () => (await opened().store.readMemories(space, ids)).map((memory) => memory.embedded);
      await eventually(embedded).toEqual([true, false, true]);
      await eventually(pendingEmbeddings).toBe(1);
      expect(opened().log.entries).toContainEqual(
        expect.objectContaining({ level: 'error', fields: expect.objectContaining({ memoryId: ids[1] }) }),
      );

      opened().embedder.refuses = () => false;
      const { rows } = await sql`
        update embedding_failures set next_attempt_at = now() where shard = ${space.shard}
        returning attempts, next_attempt_at > now() as later`.execute(opened().db);
      expect(rows).toEqual([{ attempts: 1, later: false }]);
      opened().store.requestEmbedding(space);
      await eventually(embedded).toEqual([true, true, true]);
      await eventually(pendingEmbeddings).toBe(0);
    });
  });

  test('stopped workers finish the batch in hand and take no more; the log still takes what comes', async () => {
    const space = await opened().newSpace();
    await opened().store.stopWorkers();
    await opened().add(space, 'after hours');
    expect(await lagEvents()).toBe(1);
  });
});

onEngine('postgres', 'workers of two processes', (opened) => {
  test('share the work: every event is folded once, every text embedded once', async () => {
    const { databaseUrl, log, store, embedder } = opened();
    const options = { databaseUrl, dataDir: '', poolMax: 8, worker: true, model: words, log };
    const other = { store: await openStore(options), embedder: new WordModel() };
    const spaces = [await opened().newSpace(), await opened().newSpace(), await opened().newSpace()];
    embedder.isDown = true;
    const contents = Array.from({ length: 60 }, (_, index) => `finch ${index}`);
    const recall = (space: Space) => opened().query(space, { query: 'finch', conversationId: 'c' });
    for (const space of spaces) {
      await opened().addMany(space, { memories: contents.map((content) => ({ content })) });
      await recall(space);
    }
    const inVain = embedder.asked.length;
    embedder.isDown = false;
    embedder.delayMs = 20;
    other.embedder.delayMs = 20;
    await Promise.all([store.startWorkers(embedder), other.store.startWorkers(other.embedder)]);
    await Promise.all(spaces.map(recall));
    const behind = async () => {
      const { folds, pendingEmbeddings } = await store.gauges();
      return [folds.lagEvents, pendingEmbeddings];
    };
    await expect.poll(behind, patience).toEqual([0, 0]);
    await other.store.close();
    for (const { shard } of spaces) {
      expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));
    }
    const byWorkers = [...embedder.asked.slice(inVain), ...other.embedder.asked];
    expect(byWorkers.filter((text) => text.startsWith('finch ')).toSorted()).toEqual(
      contents.flatMap((content) => spaces.map(() => content)).toSorted(),
    );
  });
});
