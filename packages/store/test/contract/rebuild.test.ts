import { type Projection, type ProjectionDifference, projections, type RebuildReport, type Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { replayed, stored } from '../replay.ts';

onEveryEngine('rebuild', (opened) => {
  const rebuild = async (verify: boolean): Promise<Record<Projection, RebuildReport>> => {
    const reports: Partial<Record<Projection, RebuildReport>> = {};
    for await (const step of opened().store.rebuild({ verify })) {
      if (step.type === 'report') reports[step.report.projection] = step.report;
    }
    return reports as Record<Projection, RebuildReport>;
  };
  const differences = (reports: Record<Projection, RebuildReport>) =>
    projections.flatMap((name) => reports[name].differences);

  /** Memories that were promoted, cited and associated, and two events more that are not folded yet. */
  const newHistory = async () => {
    const space = await opened().newSpace();
    await opened().addMany(space, { memories: [1, 2, 3].map((n) => ({ content: `gull ${n}`, conversationId: 'c' })) });
    for (let round = 0; round < 6; round += 1) {
      const { recallId, memories } = await opened().query(space, { query: 'gull', conversationId: 'c' });
      await opened().store.cite(space, recallId!, [memories[0]!.id]);
    }
    await opened().fold(space);
    await opened().add(space, 'gull 4');
    await opened().add(space, 'gull 1');
    return space;
  };

  test('verifying finds no difference after a history, folded in full or in part', async () => {
    const space = await newHistory();
    for (let round = 0; round < 2; round += 1) {
      const reports = await rebuild(true);
      expect(differences(reports)).toEqual([]);
      expect(reports.memory_state).toMatchObject({ differenceCount: 0, applied: false });
      expect(reports.memory_state.rows).toBeGreaterThanOrEqual(4);
      expect(reports.associations.rows).toBeGreaterThanOrEqual(3);
      await opened().fold(space);
    }
  });

  test('verifying and a rebuild of what is right change nothing', async () => {
    await newHistory();
    const before = await opened().fingerprint();
    await rebuild(true);
    expect(await opened().fingerprint()).toEqual(before);
    expect(await rebuild(false)).toMatchObject({ memory_state: { differenceCount: 0, applied: true } });
    expect(await opened().fingerprint()).toEqual(before);
  });

  test('progress grows to the whole of the log', async () => {
    await newHistory();
    const seen: Record<string, number[]> = {};
    for await (const step of opened().store.rebuild({ verify: true })) {
      if (step.type === 'progress') {
        const { projection, replayed: done, total } = step.progress;
        expect(done).toBeLessThanOrEqual(total);
        seen[projection] = [...(seen[projection] ?? []), done];
      }
    }
    for (const name of projections) expect(seen[name]).toEqual(seen[name]!.toSorted((a, b) => a - b));
  });

  const firstState = (space: Space) => sql`
    (shard, space_id, memory_id) = (select shard, space_id, memory_id from memory_state
      where shard = ${space.shard} order by memory_id limit 1)`;
  const damages: [string, ProjectionDifference['kind'], string, (space: Space) => RawBuilder<unknown>][] = [
    [
      'a changed φ',
      'different',
      'memory_state',
      (s) => sql`update memory_state set phi = phi + 1 where ${firstState(s)}`,
    ],
    [
      'a changed time',
      'different',
      'memory_state',
      (s) =>
        sql`update memory_state set last_accessed = last_accessed + interval '1 millisecond' where ${firstState(s)}`,
    ],
    [
      'a changed list of conversations',
      'different',
      'memory_state',
      (s) => sql`update memory_state set conversations = conversations || gen_random_uuid() where ${firstState(s)}`,
    ],
    ['a missing state', 'missing', 'memory_state', (s) => sql`delete from memory_state where ${firstState(s)}`],
    [
      'a state of nothing',
      'extra',
      'memory_state',
      (s) => sql`
        insert into memory_state select shard, space_id, gen_random_uuid(), tier, access_count, phi, is_catalyst,
          last_accessed, conversations from memory_state where ${firstState(s)}`,
    ],
    [
      'a missing tier change',
      'missing',
      'tier_changes',
      (s) => sql`delete from tier_changes where (shard, memory_id) in (
        select shard, memory_id from tier_changes where shard = ${s.shard} order by memory_id limit 1)`,
    ],
    [
      'a promotion that never happened',
      'extra',
      'tier_changes',
      (s) => sql`insert into tier_changes
        select shard, space_id, memory_id, 999, 0, 1, 'access_count' from memory_state where ${firstState(s)}`,
    ],
    [
      'a wrong count of a pair',
      'different',
      'associations',
      (s) => sql`update associations set count = count + 1 where (shard, a, b) in (
        select shard, a, b from associations where shard = ${s.shard} order by a, b limit 1)`,
    ],
    [
      'a missing pair',
      'missing',
      'associations',
      (s) => sql`delete from associations where (shard, a, b) in (
        select shard, a, b from associations where shard = ${s.shard} order by a, b limit 1)`,
    ],
  ];

  test.each(damages)('%s is found by verifying, and repaired by rebuilding', async (_, kind, table, damage) => {
    const space = await newHistory();
    const before = await opened().fingerprint();
    await damage(space).execute(opened().db);
    const damaged = await opened().fingerprint();
    expect(damaged).not.toEqual(before);

    const found = [{ kind, table, shard: space.shard, key: expect.stringContaining(space.id) }];
    expect(differences(await rebuild(true))).toEqual(found);
    expect(await opened().fingerprint()).toEqual(damaged);
    expect(differences(await rebuild(false))).toEqual(found);
    expect(await opened().fingerprint()).toEqual(before);
    expect(differences(await rebuild(true))).toEqual([]);
  });

  test('all differences are counted, and 100 of them listed', async () => {
    const space = await opened().newSpace();
    await opened().addMany(space, { memories: Array.from({ length: 100 }, (_, n) => ({ content: `${n}` })) });
    await opened().addMany(space, { memories: Array.from({ length: 20 }, (_, n) => ({ content: `${n + 100}` })) });
    await opened().fold(space);
    await sql`update memory_state set phi = 77 where shard = ${space.shard}`.execute(opened().db);
    const { memory_state: report } = await rebuild(false);
    expect(report.differenceCount).toBe(120);
    expect(report.differences).toHaveLength(100);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  });

  test('a rebuild takes over what other rules folded', async () => {
    const space = await newHistory();
    await sql`update fold_checkpoints set rules_version = 0 where shard = ${space.shard}`.execute(opened().db);
    await sql`update memory_state set phi = 3 where shard = ${space.shard}`.execute(opened().db);
    await expect(opened().fold(space)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await rebuild(false);
    await opened().fold(space);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  });

  test('what a killed rebuild left behind is dropped a day later, and a running one’s is left alone', async () => {
    const schema = (ageMs: number) => `anima_rebuild_${Date.now() - ageMs}_1`;
    const [old, recent] = [schema(25 * 3_600_000), schema(1_000)];
    for (const name of [old, recent]) await sql`create schema ${sql.id(name)}`.execute(opened().db);
    await rebuild(true);
    const { schemas } = await opened().fingerprint();
    expect(schemas).not.toContain(old);
    expect(schemas).toContain(recent);
    await sql`drop schema ${sql.id(recent)}`.execute(opened().db);
  });

  // Last: its shard stays as it is.
  test('a log that cannot be decoded fails the rebuild loudly, and takes nothing away', async () => {
    const space = await newHistory();
    await opened().fold(space);
    const { memory: folded } = await opened().add(space, 'before the poison');
    await sql`
      with head as (update shard_heads set position = position + 1 where shard = ${space.shard} returning position)
      insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select ${space.shard}, position, ${space.id}, gen_random_uuid(), 'memory.imagined', 1, '{}', '{}', now()
      from head`.execute(opened().db);
    const { memory: unfolded } = await opened().add(space, 'after the poison');
    await expect(rebuild(false)).rejects.toMatchObject({ code: 'INTERNAL' });
    const ids = [folded.id, unfolded.id];
    expect((await opened().store.readMemories(space, ids)).map(({ id }) => id)).toEqual(ids);
    const { schemas } = await opened().fingerprint();
    expect(schemas).not.toContain('anima_rebuild');
  });

  afterEach(async () => {
    const { schemas } = await opened().fingerprint();
    expect(schemas, 'no shadow stays behind').not.toContain('anima_rebuild');
  });
});
