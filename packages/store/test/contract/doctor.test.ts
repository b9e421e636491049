import { rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { vectorIndexOf } from '../../src/schema/vector-indexes.ts';
import { onEngine, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';

onEveryEngine('the doctor', (opened) => {
  const finding = async (subject: string) =>
    (await opened().store.examine()).find((found) => found.subject === subject)!;

  test('finds nothing wrong with a database that is well, and changes nothing', async () => {
    const space = await opened().newSpace();
    await opened().store.add(space, [newMemory('tea')]);
    await opened().fold(space);
    const before = await opened().fingerprint();
    const findings = await opened().store.examine();
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(10);
    expect(await opened().fingerprint()).toEqual(before);
  });

  test('sees an index that is gone, by its name', async () => {
    await sql`drop index memories_fts`.execute(opened().db);
    expect(await finding('schema')).toMatchObject({
      status: 'failure',
      message: expect.stringContaining('memories_fts'),
      advice: expect.stringContaining('Restart'),
    });
    await sql`create index memories_fts on memories using gin (shard, space_id, fts)`.execute(opened().db);
  });

  test('sees a log that can be changed', async () => {
    await sql`alter table events disable trigger events_append_only`.execute(opened().db);
    expect(await finding('log')).toMatchObject({ status: 'failure', advice: expect.stringContaining('--verify') });
    await sql`alter table events enable trigger events_append_only`.execute(opened().db);
  });

  test('sees a projection that other rules have folded', async () => {
    await sql`update fold_checkpoints set rules_version = 0 where shard = 0`.execute(opened().db);
    expect(await finding('folds')).toMatchObject({ status: 'failure', advice: 'Run "anima rebuild".' });
    await sql`update fold_checkpoints set rules_version = ${rulesVersion} where shard = 0`.execute(opened().db);
  });

  test('sees events that wait too long for their fold', async () => {
    const space = await opened().newSpace();
    await opened().store.add(space, [newMemory('coffee')]);
    await sql`alter table events disable trigger events_append_only`.execute(opened().db);
    await sql`update events set recorded_at = now() - interval '1 hour' where shard = ${space.shard}`.execute(
      opened().db,
    );
    await sql`alter table events enable trigger events_append_only`.execute(opened().db);
    expect(await finding('folds')).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(/1 events? behind/),
    });
    await opened().fold(space);
    expect(await finding('folds')).toMatchObject({ status: 'ok' });
  });

  test('names the event that cannot be read, and the shard that it halts', async () => {
    const { id, shard } = await opened().newSpace();
    await sql`
      with head as (update shard_heads set position = position + 1 where shard = ${shard} returning position)
      insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select ${shard}, position, ${id}, gen_random_uuid(), 'memory.imagined', 1, '{}', '{}', now() from head`.execute(
      opened().db,
    );
    expect(await finding('folds')).toMatchObject({
      status: 'failure',
      message: expect.stringMatching(`^event 1 of shard ${shard} \\(memory.imagined\\) cannot be decoded`),
      advice: expect.stringContaining('upgrade'),
    });
    await sql`alter table events disable trigger events_append_only`.execute(opened().db);
    await sql`delete from events where shard = ${shard}`.execute(opened().db);
    await sql`update shard_heads set position = 0 where shard = ${shard}`.execute(opened().db);
    await sql`alter table events enable trigger events_append_only`.execute(opened().db);
  });

  test('sees texts that the model refuses', async () => {
    const space = await opened().newSpace();
    const [added] = await opened().store.add(space, [newMemory('cocoa')]);
    await sql`
      insert into embedding_failures (shard, space_id, memory_id, version, model_id, attempts, next_attempt_at)
      values (${space.shard}, ${space.id}, ${added!.memoryId}, 1, 1, 1, now())`.execute(opened().db);
    expect(await finding('embeddings')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('1 of them'),
    });
  });

  test('tells the models of the spaces, and what holds up one on its way to another', async () => {
    await (await opened().models()).register({ provider: 'ollama', name: 'other', dimensions: 3 });
    await sql`insert into spaces (space_id, shard, model_id, conversation_salt)
      select 'foreign', 0, model_id, '' from embedding_models where name = 'other'`.execute(opened().db);
    expect(await finding('models')).toEqual({
      ...{ subject: 'models', status: 'ok' },
      message: expect.stringMatching(/^spaces: \d+ with test words, 1 with ollama other$/),
    });
    await sql`insert into reembeddings (shard, space_id, model_id, total, checked, problem)
      values (0, 'foreign', 1, 7, 0, 'start it with "ollama serve"')`.execute(opened().db);
    expect(await finding('models')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('"foreign" on its way to test words, 0 of 7 memories'),
      advice: '"foreign" is held up: start it with "ollama serve"',
    });
    await sql`delete from reembeddings`.execute(opened().db);
  });

  test('sees that a query of a large space does not use its indexes', async () => {
    const space = await opened().newSpace();
    await sql`
      insert into vectors_1 (shard, space_id, memory_id, version, chunk, embedding)
      select ${space.shard}::smallint, ${space.id}::text, gen_random_uuid(), 1, 0, array_fill(0.1, array[64])::vector
      from generate_series(1, ${opened().engine.exactScanBound + 1}::int)`.execute(opened().db);
    expect((await finding('plans')).message).toMatch(/of the largest space \(\d+ vectors\)/);
    await sql`drop index ${sql.id(vectorIndexOf('vectors_1', space.shard))}`.execute(opened().db);
    expect(await finding('plans')).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('vectors_1_hnsw'),
    });
  });
});

// The embedded engine builds in its one thread, and nobody can ask meanwhile.
onEngine('postgres', 'the doctor of a server', (opened) => {
  test('says how far an index is that another process builds', async () => {
    const { db, store } = opened();
    await sql`drop index memories_by_tag`.execute(db);
    const create = sql`create index concurrently memories_by_tag on memories using gin (shard, space_id, tags)`;
    const built = await db.connection().execute(async (writer) => {
      await sql`begin`.execute(writer);
      await sql`lock table memories in row exclusive mode`.execute(writer);
      const building = create.execute(db);
      const schema = async () => (await store.examine()).find(({ subject }) => subject === 'schema');
      await expect
        .poll(schema, { interval: 20 })
        .toMatchObject({ status: 'warning', message: expect.stringMatching(/memories_by_tag: waiting for writers/) });
      await sql`rollback`.execute(writer);
      return { building };
    });
    await built.building;
    expect((await store.examine()).filter(({ status }) => status !== 'ok')).toEqual([]);
  });
});
