import { setTimeout as sleep } from 'node:timers/promises';
import {
  type LogEvent,
  type ProjectionDifference,
  projections,
  type RebuildReport,
  type RebuildStep,
  rulesVersion,
} from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { readEvents } from '../log/read-events.ts';
import { dropSnapshots } from '../past/snapshots.ts';
import { liveSchema, type ProjectedTable, type ProjectionRules } from './projection.ts';
import { projectionRules } from './rules.ts';

/** Schemas of shadow tables: this, the time of their making, and the process. */
const shadowPrefix = 'anima_rebuild_';

/** Differences that a report lists; all are counted. */
const listedDifferences = 100;

/** Events in a batch of a replay at least: it must get ahead of the traffic. */
const leastReplayed = 50;

/** Rounds of a replay; when folding is as fast as that, the last transaction has the more to do. */
const maxRounds = 5;

/** After a piece of work, ms. */
const longestRestMs = 1_000;

/** A shard's last step waits for a checkpoint that live folding moves; it may lose that race a few times. */
const maxAttempts = 20;

/**
 * Replays the log into shadow tables and compares them with the live ones; unless `verify`, the live
 * rows then become what the replay gives. Traffic goes on: a shard's comparison and change happen in
 * one snapshot, and folding of that shard alone waits for it.
 */
export async function* rebuild(engine: Engine, options: { readonly verify: boolean }): AsyncGenerator<RebuildStep> {
  const { db } = engine;
  const shadow = `${shadowPrefix}${Date.now()}_${process.pid}`;
  await dropAbandoned(db);
  await sql`create schema ${sql.id(shadow)}`.execute(db);
  try {
    for (const name of projections) {
      const rules = projectionRules[name];
      for (const table of rules.tables) await createShadow(db, shadow, table);
      yield* rebuildProjection(engine, rules, shadow, options.verify);
    }
  } finally {
    await sql`drop schema ${sql.id(shadow)} cascade`.execute(db);
  }
}

async function* rebuildProjection(
  engine: Engine,
  rules: ProjectionRules,
  shadow: string,
  verify: boolean,
): AsyncGenerator<RebuildStep> {
  const { db } = engine;
  const shards = await readCheckpoints(db, rules);
  const total = [...shards.values()].reduce((sum, position) => sum + position, 0);
  let replayed = 0;
  let report: RebuildReport = {
    projection: rules.name,
    events: 0,
    rows: 0,
    differenceCount: 0,
    differences: [],
    applied: !verify,
  };
  for (const shard of await shardsInUse(db, rules)) {
    let at = 0;
    for await (at of replay(engine, rules, shadow, shard)) {
      const done = replayed + at;
      yield { type: 'progress', progress: { projection: rules.name, replayed: done, total: Math.max(total, done) } };
    }
    replayed += at;
    const startedAt = performance.now();
    report = add(report, await finishShard(db, rules, shadow, shard, at, verify));
    await restSince(startedAt);
  }
  yield { type: 'report', report };
}

/**
 * Replays a shard's log into the shadow, in batches, to about where folding is, which goes on meanwhile: round
 * by round, each as long as the one before took; the last transaction takes what is left. Yields the position reached.
 */
async function* replay({ db, batch }: Engine, rules: ProjectionRules, shadow: string, shard: number) {
  const limit = Math.max(leastReplayed, batch.fold.events);
  let after = 0;
  for (let round = 1; round <= maxRounds; round += 1) {
    const upTo = (await readCheckpoints(db, rules)).get(shard) ?? 0;
    if (after >= upTo || (round > 1 && upTo - after < limit)) return;
    while (after < upTo) {
      const startedAt = performance.now();
      const events = await readEvents(db, shard, { after, upTo, limit });
      await inTransaction(db, (trx) => rules.fold(trx, shadow, shard, events));
      after = events.at(-1)?.position ?? upTo;
      yield after;
      await restSince(startedAt);
    }
  }
}

/** Requests come first: what was worked is rested, up to the longest. */
function restSince(startedAt: number): Promise<void> {
  return sleep(Math.min(longestRestMs, performance.now() - startedAt));
}

/** Shards that have events, or rows though they have none. */
async function shardsInUse(db: Database, { tables }: ProjectionRules): Promise<readonly number[]> {
  const hasRows = tables.map(
    (table) => sql`or exists (select from ${tableIn(liveSchema, table)} t where t.shard = h.shard)`,
  );
  const { rows } = await sql<{ shard: number }>`
    select shard from shard_heads h where position > 0 ${sql.join(hasRows, sql` `)} order by shard`.execute(db);
  return rows.map(({ shard }) => shard);
}

async function readCheckpoints(db: Database, { name }: ProjectionRules): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ shard: number; position: number }>`
    select shard, position from fold_checkpoints where projection = ${name} order by shard`.execute(db);
  return new Map(rows.map(({ shard, position }) => [shard, position]));
}

interface ShardResult {
  readonly events: number;
  readonly rows: number;
  readonly differenceCount: number;
  readonly differences: readonly ProjectionDifference[];
}

async function finishShard(
  db: Database,
  rules: ProjectionRules,
  shadow: string,
  shard: number,
  replayedUpTo: number,
  verify: boolean,
): Promise<ShardResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(db, (trx) => compareShard(trx, rules, shadow, shard, replayedUpTo, verify), {
        repeatableRead: true,
      });
    } catch (error) {
      const lostRace = error instanceof Error && 'code' in error && error.code === '40001';
      if (!lostRace || attempt === maxAttempts) throw error;
    }
  }
}

/**
 * One snapshot of live rows, checkpoint and log. The shadow catches up to the checkpoint, takes on
 * what later appends have written inline, and must then hold the very same rows.
 */
async function compareShard(
  trx: Database,
  rules: ProjectionRules,
  shadow: string,
  shard: number,
  replayedUpTo: number,
  verify: boolean,
): Promise<ShardResult> {
  const { rows } = await sql<{ position: number }>`
    select position from fold_checkpoints where shard = ${shard} and projection = ${rules.name}
    ${verify ? sql`` : sql`for update`}`.execute(trx);
  const checkpoint = rows[0]?.position ?? 0;
  const rest = await readAll(trx, shard, { after: replayedUpTo, upTo: checkpoint });
  if (rest.length > 0) await rules.fold(trx, shadow, shard, rest);
  const later = await readAll(trx, shard, { after: checkpoint });
  const inline = later.filter(({ type }) => rules.inline.includes(type));
  if (inline.length > 0) await rules.fold(trx, shadow, shard, inline);

  let result: ShardResult = { events: checkpoint, rows: 0, differenceCount: 0, differences: [] };
  for (const table of rules.tables) {
    result = add(result, await compareTable(trx, shadow, shard, table));
    if (!verify) await applyTable(trx, shadow, shard, table);
  }
  // Copies of states that were wrong are wrong too.
  if (!verify && rules.name === 'memory_state' && result.differenceCount > 0) await dropSnapshots(trx, shard);
  if (!verify) {
    await sql`update fold_checkpoints set rules_version = ${rulesVersion}
      where shard = ${shard} and projection = ${rules.name}`.execute(trx);
  }
  return result;
}

/** Events to the end of a range; unlike a fold's, they must not end at one that cannot be decoded, with rows behind it. */
async function readAll(
  trx: Database,
  shard: number,
  range: { readonly after: number; readonly upTo?: number },
): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.position ?? range.after;
    const more = await readEvents(trx, shard, { ...range, after, limit: Number.MAX_SAFE_INTEGER });
    if (more.length === 0) return events;
    for (const event of more) events.push(event);
  }
}

async function compareTable(trx: Database, shadow: string, shard: number, table: ProjectedTable): Promise<ShardResult> {
  const counted = await sql<{ rows: number }>`
    select count(*)::int as rows from ${tableIn(shadow, table)} where shard = ${shard}`.execute(trx);
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  const { rows } = await sql<{ key: string; kind: ProjectionDifference['kind'] }>`
    select json_build_array(${key})::text as key,
      case when l is null then 'missing' when s is null then 'extra' else 'different' end as kind
    from (select * from ${tableIn(liveSchema, table)} where shard = ${shard}) l
    full join (select * from ${tableIn(shadow, table)} where shard = ${shard}) s using (${key})
    where ${valuesOf('l', table)} is distinct from ${valuesOf('s', table)}`.execute(trx);
  return {
    events: 0,
    rows: counted.rows[0]?.rows ?? 0,
    differenceCount: rows.length,
    differences: rows.slice(0, listedDifferences).map((row) => ({ table: table.name, shard, ...row })),
  };
}

/** Makes the live rows equal to the shadow's, touching only those that differ. */
async function applyTable(trx: Database, shadow: string, shard: number, table: ProjectedTable): Promise<void> {
  const live = tableIn(liveSchema, table);
  const same = sql.join(
    table.key.map((column) => sql`s.${sql.ref(column)} = l.${sql.ref(column)}`),
    sql` and `,
  );
  await sql`
    delete from ${live} l where l.shard = ${shard}
      and not exists (select from ${tableIn(shadow, table)} s where s.shard = ${shard} and ${same})`.execute(trx);
  const columns = sql.join(['shard', ...table.key, ...table.values].map((column) => sql.ref(column)));
  await sql`
    insert into ${live} (${columns})
    select ${columns} from ${tableIn(shadow, table)} s
    where s.shard = ${shard} and not exists (
      select from ${live} l where l.shard = ${shard} and ${same}
        and ${valuesOf('l', table)} is not distinct from ${valuesOf('s', table)})
    on conflict (shard, ${sql.join(table.key.map((column) => sql.ref(column)))}) do update
      set ${sql.join(table.values.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`))}`.execute(
    trx,
  );
}

/** Drops what rebuilds left behind that died more than a day ago. */
async function dropAbandoned(db: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace
    where starts_with(nspname, ${shadowPrefix}) and split_part(nspname, '_', 3)::bigint < ${Date.now() - 86_400_000}`.execute(
    db,
  );
  for (const { name } of rows) await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db);
}

async function createShadow(db: Database, shadow: string, table: ProjectedTable): Promise<void> {
  await sql`create unlogged table ${tableIn(shadow, table)} (like ${tableIn(liveSchema, table)} including all)`.execute(
    db,
  );
}

const tableIn = (schema: string, { name }: ProjectedTable) => sql.table(`${schema}.${name}`);

const valuesOf = (alias: string, { values }: ProjectedTable) =>
  sql`row(${sql.join(values.map((column) => sql.ref(`${alias}.${column}`)))})`;

function add<T extends ShardResult>(sum: T, more: ShardResult): T {
  return {
    ...sum,
    events: sum.events + more.events,
    rows: sum.rows + more.rows,
    differenceCount: sum.differenceCount + more.differenceCount,
    differences: [...sum.differences, ...more.differences].slice(0, listedDifferences),
  };
}
