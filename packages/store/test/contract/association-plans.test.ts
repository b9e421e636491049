import { randomUUID } from 'node:crypto';
import type { Space } from '@anima/core';
import { catalystMarkers } from '@anima/core';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { type Database, inTransaction } from '../../src/engine/engine.ts';
import { readHubs, readNetwork } from '../../src/reads/association-network.ts';
import { readConnections, readNeighbours, readSurvivor } from '../../src/reads/associations.ts';
import { readCatalysts, readMemoriesWithWords, readRecentAccesses } from '../../src/reads/catalysts.ts';
import { readStrongestPairs } from '../../src/reads/strongest-pairs.ts';
import { onEveryEngine } from '../engines.ts';
import { planOf, statementsOf } from '../statements.ts';

/** In the space that is asked; as many pairs again are in ten others. */
const memories = 4_000;
const pairs = 100_000;

onEveryEngine('plans of associations, at 100,000 pairs', (opened) => {
  let space: Space;
  let ids: readonly string[];

  beforeAll(async () => {
    space = await opened().newSpace();
    ids = await plant(space, memories, pairs);
    for (let index = 0; index < 10; index += 1) await plant(await opened().newSpace(), memories / 10, pairs / 10);
    await sql`analyze`.execute(opened().db);
  });

  /** A lived-in space, made by SQL: a tenth of its memories is merged or forgotten, a hundredth are catalysts. */
  const plant = ({ id, shard }: Space, count: number, pairCount: number) =>
    inTransaction(opened().db, async (trx) => {
      const run = (statement: string) =>
        sql.raw<{ id: string }>(statement.replaceAll(':place', `${shard}::smallint, '${id}'`)).execute(trx);
      await run(`create temporary table planted on commit drop as
        select n, gen_random_uuid() as id, 'memory ' || n || case when n % 40 = 0 then ' finally' else '' end as content
        from generate_series(0, ${count - 1}) n`);
      await run(`insert into memories (shard, space_id, memory_id, content, tags, created_at, updated_at, fts, visibility, merged_into)
        select :place, id, content, '{}', now(), now(), to_tsvector('english', content),
          case when n % 20 = 7 then 'merged' when n % 20 = 8 then 'hidden' else 'live' end,
          case when n % 20 = 7 then (select id from planted o where o.n = p.n - 7) end from planted p`);
      await run(`insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
        select :place, id, 0, 0, n % 5000, n % 100 = 0, now(), '{}' from planted`);
      await run(`insert into associations (shard, space_id, a, b, count, last_at)
        select :place, least(x.id, y.id), greatest(x.id, y.id), 1 + i % 9, now()
        from generate_series(1, ${pairCount}) i
        join planted x on x.n = i % ${count} join planted y on y.n = (i * 7 + i / ${count} * 31) % ${count}
        where x.n <> y.n on conflict do nothing`);
      await run(`insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
        select shard, position + n + 1, '${id}', gen_random_uuid(), 'memory.accessed', 1, array[id],
          '{"via": "query", "profile": "hybrid"}', now() from planted, shard_heads where shard = ${shard}`);
      await run(`update shard_heads set position = position + ${count} where shard = ${shard}`);
      return (await run('select id from planted order by n limit 20')).rows.map((row) => row.id);
    });

  /** What is asked, the indexes that answer it, and the tables of which one space may be read as a whole. */
  const reads: readonly {
    readonly name: string;
    readonly send: (db: Database) => Promise<unknown>;
    readonly indexes: readonly string[];
    readonly whole?: readonly string[];
  }[] = [
    {
      name: 'neighbours',
      send: (db) => readNeighbours(db, space, ids, { leastCount: 1, perMemory: 20, except: ids }),
      indexes: ['associations_pkey', 'associations_from_b', 'memories_merged_into', 'memories_not_live'],
    },
    {
      name: 'connections',
      send: (db) => readConnections(db, space, ids),
      indexes: ['associations_pkey', 'associations_from_b', 'memories_merged_into', 'memories_not_live'],
    },
    { name: 'a survivor', send: (db) => readSurvivor(db, space, randomUUID()), indexes: ['memories_not_live'] },
    {
      name: 'hubs',
      send: (db) => readHubs(db, space, { limit: 20, minConnections: 5, exceptCatalysts: true }),
      indexes: ['associations_pkey', 'associations_from_b', 'memories_not_live'],
      whole: ['associations'],
    },
    {
      name: 'the network',
      send: (db) => readNetwork(db, space),
      indexes: ['associations_pkey', 'associations_from_b', 'memories_not_live'],
      whole: ['associations'],
    },
    {
      name: 'the strongest pairs',
      send: (db) => readStrongestPairs(db, space, { leastCount: 2, limit: 8_001 }),
      indexes: ['associations_pkey', 'associations_from_b', 'memories_not_live'],
      whole: ['associations'],
    },
    {
      name: 'catalysts',
      send: (db) => readCatalysts(db, space, 20),
      indexes: ['memory_state_catalysts', 'memories_pkey'],
    },
    {
      name: 'accesses',
      send: (db) => readRecentAccesses(db, space, { least: 3, since: undefined }),
      indexes: ['events_pkey', 'memories_not_live'],
    },
    {
      name: 'words',
      send: (db) => readMemoriesWithWords(db, space, catalystMarkers, 100),
      indexes: ['memories_fts'],
    },
  ];

  test.each(reads)('$name are answered from their indexes', async ({ send, indexes, whole = [] }) => {
    const statements = await statementsOf(send);
    const grown = ['associations', 'memories', 'memory_state', 'events'].filter((table) => !whole.includes(table));
    for (const statement of statements) {
      const plan = await inTransaction(opened().db, (trx) => planOf(trx, statement, 'custom'));
      expect(plan.indexes, plan.text).toEqual(expect.arrayContaining([...indexes]));
      expect(
        plan.scanned.filter((table) => grown.includes(table)),
        plan.text,
      ).toEqual([]);
    }
  });
});
