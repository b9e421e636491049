import { randomUUID } from 'node:crypto';
import { type BootstrapSelection, type ListOrder, type ListPage, type Search, type Space, shardOf } from '@anima/core';
import { type CompiledQuery, sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { dropVectorIndexes } from '../../bench/plant.ts';
import { LogArchive } from '../../src/archive/log-archive.ts';
import { type Database, inTransaction } from '../../src/engine/engine.ts';
import { readerRole } from '../../src/engine/wall.ts';
import { openAppendLog } from '../../src/log/append.ts';
import { readEvents } from '../../src/log/read-events.ts';
import { namingStatement } from '../../src/past/story.ts';
import { readEventRows } from '../../src/past/tail.ts';
import { readBootstrap } from '../../src/reads/bootstrap.ts';
import { readList } from '../../src/reads/entries.ts';
import { readMemories } from '../../src/reads/memories.ts';
import { search } from '../../src/reads/search.ts';
import type { SearchTarget } from '../../src/reads/search-target.ts';
import { VectorCounts } from '../../src/reads/vector-counts.ts';
import { countMissing, nextPage } from '../../src/reembedding/missing-vectors.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { type RegisteredModel, registeredModel } from '../../src/schema/register-model.ts';
import { vectorIndexOf } from '../../src/schema/vector-indexes.ts';
import { Spaces } from '../../src/spaces.ts';
import { readActivity } from '../../src/survey/activity.ts';
import { appendCitation, appendMemories } from '../../src/writes.ts';
import { onOneServer } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { type Plan, planOf, statementsOf } from '../statements.ts';
import { vectorOf, words } from '../word-model.ts';

/** In the space that is asked; 30 more spaces have 30 each, so that it is nothing like the average. */
const many = 3_000;
const otherSpaces = 30;
const ofOther = 30;

const name = 'planned';
const graph = vectorIndexOf('vectors_1', shardOf(name));

/** Tables that grow with use: none may be read from end to end for one request. */
const grown = ['events', 'requests', 'memories', 'memory_state', 'lexemes', 'citations', 'receipts', 'vectors_1'];

const nearest: Search = {
  text: 'what is word42 about topic7?',
  vector: vectorOf('memory of topic7'),
  filters: {},
  depth: 50,
  neighbours: false,
};
const selection: BootstrapSelection = {
  limit: 50,
  activeLimit: undefined,
  include: { active: true, thread: true, stable: true },
};

onOneServer('plans', (opened) => {
  let space: Space;
  let target: SearchTarget;
  let model: RegisteredModel;

  beforeAll(async () => {
    const { db, engine } = opened();
    await dropVectorIndexes(engine, registeredModel(1, words));
    space = await opened().store.openSpace(name);
    await plant(space, many);
    for (let index = 0; index < otherSpaces; index += 1) {
      await plant(await opened().newSpace(index === 0 ? { beside: space } : {}), ofOther);
    }
    model = await migrate(engine, words);
    const { vectorsTable } = model;
    await sql`analyze`.execute(db);
    target = { vectorsTable, vectorColumn: engine.vectorType(words.dimensions).column, exact: false };
  });

  /** Memories of a lived-in space, made by SQL: events, contents, states of every tier, vectors, words, requests. */
  const plant = ({ id, shard }: Space, count: number) =>
    inTransaction(opened().db, async (trx) => {
      const run = (statement: string) =>
        sql.raw(statement.replaceAll(':place', `${shard}::smallint, '${id}'`)).execute(trx);
      await run(`create temporary table planted on commit drop as
        select n, gen_random_uuid() as id,
          'memory ' || n || ' of topic' || n % 50 || ' and kind' || n % 7 || ' word' || n % 997 as content
        from generate_series(1, ${count}) n`);
      await run(`insert into memories (shard, space_id, memory_id, content, content_hash, tags, created_at, updated_at, fts)
        select :place, id, content, sha256(convert_to(content, 'UTF8')), '{}', now(), now(), to_tsvector('english', content)
        from planted`);
      await run(`insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
        select :place, id, case when n % 10 < 7 then 0 when n % 10 < 9 then 1 else 2 end, n % 30, n % 5000, false,
          now() - n * interval '1 minute', '{}' from planted`);
      await run(`insert into tier_changes (shard, space_id, memory_id, position, from_tier, to_tier, reason)
        select :place, id, n, 0, 1, 'access_count' from planted`);
      await run(`insert into vectors_1 (shard, space_id, memory_id, version, chunk, embedding)
        select :place, id, 1, 0, (select array_agg(random() - 0.5) from generate_series(1, ${words.dimensions}) where n > 0)::real[]
        from planted`);
      await run(`insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
        select shard, position + n, '${id}', gen_random_uuid(), 'memory.added', 1, array[id], '{"catalyst": false}', now()
        from planted, shard_heads where shard = ${shard}`);
      await run(`update shard_heads set position = position + ${count} where shard = ${shard}`);
      await run(`insert into requests (shard, space_id, key, fingerprint, outcome, expires_at)
        select :place, n::text, '', '[]', now() + interval '1 day' from planted`);
      await run(`insert into lexemes (shard, space_id, lexeme, memories)
        select :place, lexeme, count(*) from memories, unnest(tsvector_to_array(fts)) lexeme
        where shard = ${shard} and space_id = '${id}' group by lexeme`);
    });

  const listPage = (order: ListOrder): ListPage => ({
    ...{ selection: { visibility: 'live' }, order, descending: true, limit: 20 },
    after: { value: order === 'resonance' ? '2500' : new Date().toISOString(), memoryId: randomUUID() },
  });

  /** What requests send, by what they ask of the database, and the indexes that have to answer. */
  const requests: Record<
    string,
    { readonly send: (db: Database) => Promise<unknown>; readonly indexes: readonly string[] }
  > = {
    'the vector arm': {
      send: (db) => search(db, target, space, nearest),
      indexes: [graph, 'vectors_1_pkey', 'memories_pkey', 'memory_state_pkey', 'lexemes_pkey'],
    },
    'the lexical arm': {
      send: (db) => search(db, target, space, { ...nearest, vector: undefined }),
      indexes: ['memories_fts', 'memory_state_pkey', 'lexemes_pkey'],
    },
    'a bootstrap': {
      send: (db) => readBootstrap(db, space, selection),
      indexes: ['memory_state_by_access', 'memory_state_by_resonance', 'memories_pkey'],
    },
    'a look at memories by their ids': {
      send: (db) => readMemories(db, target.vectorsTable, space, [randomUUID(), randomUUID()]),
      indexes: ['memories_pkey', 'memory_state_pkey', 'vectors_1_pkey'],
    },
    'an append': {
      send: async (db) => {
        const opening = new Spaces(opened().db, await opened().models());
        const request = { key: 'k', operation: 'add', body: null };
        const log = openAppendLog(db, { append: 100 }, () => {});
        // Nothing is executed, so there is no outcome to answer with.
        const adding = appendMemories(log, await opening.open(space.id), [newMemory('a'), newMemory('b')], request);
        await expect(adding).rejects.toThrow('fewer rows');
      },
      indexes: ['memories_content_hash', 'requests_pkey'],
    },
    'a citation': {
      send: async (db) => {
        const opening = new Spaces(opened().db, await opened().models());
        const log = openAppendLog(db, { append: 100 }, () => {});
        await expect(
          appendCitation(db, new LogArchive(undefined), log, await opening.open(space.id), randomUUID(), [], undefined),
        ).rejects.toThrow();
      },
      indexes: ['events_shard_id_key'],
    },
    'a page of a reembedding': {
      send: (db) => nextPage(db, space, model, { after: '00000000-0000-0000-0000-000000000000', size: 32 }),
      indexes: ['memories_pkey', 'vectors_1_pkey'],
    },
    'the last look of a reembedding': {
      send: (db) => countMissing(db, space, model, { after: many - 10, limit: 1 }),
      indexes: ['events_pkey', 'memories_pkey', 'vectors_1_pkey'],
    },
    'what lately became of memories': {
      send: (db) => readActivity(db, space, 20),
      indexes: ['tier_changes_by_position', 'events_turning', 'events_pkey', 'memories_pkey'],
    },
    'a fold': {
      send: (db) => readEvents(db, space.shard, { after: 100, limit: 50 }),
      indexes: ['events_pkey'],
    },
  };

  /** Plans of all statements of a request, for these parameters and for any. */
  const plansOf = async (trx: Database, statements: readonly CompiledQuery[]) => {
    const plans: (Plan & { readonly mode: string })[] = [];
    for (const statement of statements) {
      for (const mode of ['custom', 'generic'] as const) plans.push({ mode, ...(await planOf(trx, statement, mode)) });
    }
    return plans;
  };

  describe.each(Object.entries(requests))('%s', (_, { send, indexes }) => {
    test('is answered from its indexes, by a plan for its parameters and by one for all', async () => {
      const statements = await statementsOf(send);
      const plans = await inTransaction(opened().db, (trx) => plansOf(trx, statements));
      for (const mode of ['custom', 'generic']) {
        const ofMode = plans.filter((plan) => plan.mode === mode);
        const text = ofMode.map((plan) => plan.text).join('\n');
        expect(
          ofMode.flatMap((plan) => plan.indexes),
          `${mode} plan\n${text}`,
        ).toEqual(expect.arrayContaining([...indexes]));
        expect(
          ofMode.flatMap((plan) => plan.scanned).filter((table) => grown.includes(table)),
          text,
        ).toEqual([]);
      }
    });

    test('reads no table from end to end, also before there are statistics', async () => {
      const statements = await statementsOf(send);
      const undone = new Error('undone');
      const planned = inTransaction(opened().db, async (trx) => {
        await sql`delete from pg_statistic where starelid >= 16384`.execute(trx);
        await sql`delete from pg_statistic_ext_data`.execute(trx);
        await sql`update pg_class set reltuples = -1, relpages = 0, relallvisible = 0 where oid >= 16384`.execute(trx);
        for (const { scanned, text } of await plansOf(trx, statements)) {
          expect(
            scanned.filter((table) => grown.includes(table)),
            text,
          ).toEqual([]);
        }
        throw undone;
      });
      await expect(planned).rejects.toBe(undone);
    });
  });

  test.each([
    ['created', 'memories_by_creation'],
    ['accessed', 'memory_state_by_access'],
    ['resonance', 'memory_state_by_resonance'],
  ] as const)('a page of a list, %s first, is read from %s, wherever it begins', async (order, index) => {
    for (const after of [undefined, listPage(order).after]) {
      const page = { ...listPage(order), after };
      const statements = await statementsOf((db) => readList(db, target.vectorsTable, space, page));
      for (const statement of statements) {
        const { indexes, text } = await inTransaction(opened().db, (trx) => planOf(trx, statement, 'custom'));
        expect(indexes, text).toContain(index);
      }
    }
  });

  test('behind the wall between spaces the same indexes answer', async () => {
    if (opened().engine.kind === 'pglite') return;
    for (const { send, indexes } of [requests['a bootstrap']!, requests['a look at memories by their ids']!]) {
      const [statement] = await statementsOf(send);
      const plans = await inTransaction(opened().db, async (trx) => {
        await sql`select set_config('role', ${readerRole}, true), set_config('anima.space', ${space.id}, true)`.execute(
          trx,
        );
        return plansOf(trx, [statement!]);
      });
      for (const plan of plans) {
        expect(plan.indexes, plan.text).toEqual(expect.arrayContaining([...indexes]));
        expect(plan.scanned.filter((table) => grown.includes(table))).toEqual([]);
      }
    }
  });

  test('a list of what has rare words is read by them, and one of what waits for its vector by the log', async () => {
    const listed = async (narrowed: object) => {
      const page: ListPage = { ...listPage('created'), selection: { visibility: 'live', ...narrowed } };
      const [statement] = await statementsOf((db) => readList(db, target.vectorsTable, space, page));
      return inTransaction(opened().db, (trx) => planOf(trx, statement!, 'custom'));
    };
    const byWords = await listed({ words: 'word42 topic42' });
    expect(byWords.indexes, byWords.text).toContain('memories_fts');
    expect(byWords.scanned, byWords.text).toEqual([]);
    const pending = await listed({ isPending: true });
    expect(pending.indexes, pending.text).toContain('events_pkey');
    expect(
      pending.scanned.filter((table) => grown.includes(table)),
      pending.text,
    ).toEqual([]);
  });

  test.each([true, false])('the exact form of the vector arm keeps off the HNSW index (small: %s)', async (isSmall) => {
    const statements = await statementsOf((db) => search(db, { ...target, exact: true, isSmall }, space, nearest));
    const plans = await inTransaction(opened().db, (trx) => plansOf(trx, statements));
    expect(plans).toHaveLength(2);
    for (const { indexes } of plans) expect(indexes).not.toContain(graph);
    // One that is not small has its words in the index, as large ones do.
    if (!isSmall) for (const { indexes } of plans) expect(indexes).toContain('memories_fts');
  });

  test('what the choice of the vector arm depends on is counted: vectors of the space, and of its shard', async () => {
    const { db } = opened();
    const counted = await new VectorCounts(db, await opened().models()).of(space);
    const { rows } = await sql<{ ofShard: number }>`
      select count(*)::int as "ofShard" from vectors_1 where shard = ${space.shard}`.execute(db);
    expect(rows[0]?.ofShard).toBeGreaterThan(many);
    expect(counted).toEqual({ ofSpace: many, ofIndex: rows[0]?.ofShard });
  });

  test.each([
    ['look up', 'events_memory_ids'],
    ['walk', 'events_pkey'],
  ] as const)('a page of a history, planned each time by %s, is read from %s alone', async (way, index) => {
    const page = { after: undefined, descending: true, limit: 50 };
    const range = { after: 0, upTo: 1_000_000 };
    const statements = await statementsOf((db) =>
      readEventRows(db, namingStatement(space, randomUUID(), range, page, way)),
    );
    const plan = await inTransaction(opened().db, (trx) => planOf(trx, statements[0]!, 'custom'));
    expect(plan.indexes, plan.text).toEqual([index]);
    expect(plan.scanned).toEqual([]);
    // Along the log it ends with the page: nothing is sorted.
    expect(plan.text.includes('Sort'), plan.text).toBe(way === 'look up');
  });

  test('in use both arms keep their indexes, though the database may settle on one plan for all', async () => {
    const [statement] = await statementsOf((db) => search(db, target, space, nearest));
    const plan = await inTransaction(opened().db, (trx) => planOf(trx, statement!, 'auto'));
    expect(plan.indexes).toEqual(expect.arrayContaining([graph, 'memories_fts']));
  });

  test('exact and HNSW bring the same nearest memories', async () => {
    const small = await opened().newSpace({ beside: space });
    await plant(small, 150);
    const found = await inTransaction(opened().db, async (trx) => {
      // In so small a space the index would not be worth its while.
      await sql`set local enable_sort = off`.execute(trx);
      const [statement] = await statementsOf((db) => search(db, target, small, nearest));
      expect((await planOf(trx, statement!, 'custom')).indexes).toContain(graph);
      const nearestBy = async (exact: boolean) => {
        const { candidates } = await search(trx, { ...target, exact }, small, { ...nearest, text: '' });
        const sorted = candidates.toSorted((a, b) => b.similarity! - a.similarity!);
        return sorted.slice(0, 10).map(({ memoryId }) => memoryId);
      };
      return { exact: await nearestBy(true), hnsw: await nearestBy(false) };
    });
    expect(found.exact).toHaveLength(10);
    expect(found.hnsw).toEqual(found.exact);
  });

  test.each(["o'brien", "\\'; drop table events; --", '$1', 'a "b" {c}', '🦊'])(
    'a space may be called %s',
    async (called) => {
      const odd = await opened().store.openSpace(called);
      await opened().add(odd, 'one memory');
      for (const exact of [true, false]) {
        const { candidates } = await search(opened().db, { ...target, exact }, odd, { ...nearest, text: 'memory' });
        expect(candidates).toHaveLength(1);
      }
    },
  );
});
