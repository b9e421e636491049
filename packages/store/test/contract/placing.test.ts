import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { projectionRules } from '../../src/projections/rules.ts';
import { createShadows, withShadow } from '../../src/projections/shadow.ts';
import { distributeTables, unplacedTables } from '../../src/schema/distribute.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { placedTables, placeOf } from '../../src/schema/placement.ts';
import { onEngine, openEmptyEngine } from '../engines.ts';
import { pretendCitus, readAsked } from '../fake-citus.ts';
import { readManifest } from '../manifest.ts';
import { RecordingLog } from '../recording-log.ts';
import { words } from '../word-model.ts';

/** On one engine: what is asked of Citus is the same, and what it would do is not here to be seen. */
onEngine('pglite', 'the placing of tables, as Citus would be asked for it', (opened) => {
  const log = new RecordingLog();
  let engine: Engine;

  beforeAll(async () => {
    engine = await pretendCitus(await openEmptyEngine('pglite', log));
    await migrate(engine, words);
  });
  afterAll(() => engine?.close());

  test('every table is placed once, the anchor before those that are put beside it', async () => {
    const asked = await readAsked(engine.db);
    expect(asked.map(({ name }) => name).toSorted()).toEqual([...placedTables, 'vectors_1'].toSorted());
    expect(asked[0]).toMatchObject({ name: 'shard_heads', by: 'shard', beside: 'none' });
    for (const { name, by, beside } of asked.slice(1)) {
      const expected = placeOf(name) === 'reference' ? [null, null] : ['shard', 'public.shard_heads'];
      expect([by, beside], name).toEqual(expected);
    }
    expect(await unplacedTables(engine.db)).toEqual([]);
  });

  test('no table refers to another while it is placed, and afterwards all do as they did', async () => {
    for (const { name, refers } of await readAsked(engine.db)) expect(refers, name).toBe(0);
    const { tables } = await readManifest(engine.db);
    const expected = await readManifest(opened().db);
    for (const [name, { constraints }] of Object.entries(expected.tables)) {
      expect(tables[name]?.constraints, name).toEqual(constraints);
    }
  });

  test('the trigger of the log is let through, in that transaction alone', async () => {
    for (const { name, unsafe } of await readAsked(engine.db)) expect(unsafe, name).toBe('on');
    const { rows } = await sql<{ unsafe: string | null }>`
      select current_setting('citus.enable_unsafe_triggers', true) as unsafe`.execute(engine.db);
    expect(rows[0]?.unsafe || null).toBeNull();
  });

  test('a start that was interrupted goes on with what is left, and the next one does nothing', async () => {
    const before = await readAsked(engine.db);
    await sql`delete from fake_citus.pg_dist_partition
      where logicalrelid in ('memories'::regclass, 'spaces'::regclass)`.execute(engine.db);
    expect(await unplacedTables(engine.db)).toEqual(['memories', 'spaces']);
    await distributeTables(engine.db);
    const more = (await readAsked(engine.db)).slice(before.length).map(({ name }) => name);
    expect(more.toSorted()).toEqual(['memories', 'spaces']);
    await migrate(engine, words);
    expect(await readAsked(engine.db)).toHaveLength(before.length + more.length);
  });

  test('the vectors of another model, and the shadows of a rebuild, are put beside the rest when they are made', async () => {
    const registered = await migrate(engine, { ...words, name: 'other words' });
    expect((await readAsked(engine.db)).at(-1)).toMatchObject({
      ...{ name: registered.vectorsTable, by: 'shard', beside: 'public.shard_heads' },
    });
    const before = (await readAsked(engine.db)).length;
    let shadows = '';
    for await (const shadow of withShadow(engine.db, async function* (shadow) {
      await createShadows(engine, shadow, projectionRules.memory_state);
      yield shadow;
    })) {
      shadows = shadow;
      const asked = (await readAsked(engine.db)).slice(before);
      expect(asked.map(({ name }) => name)).toEqual(
        projectionRules.memory_state.tables.map(({ name }) => `${shadow}.${name}`),
      );
    }
    expect(shadows).toMatch(/^anima_rebuild_/);
  });
});
