import { type LogEvent, type MemoryRecord, recordOf, resonance, tiers, visibilities } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { tierFromNumber } from '../reads/memories.ts';

type Records = Map<string, MemoryRecord>;

interface RecordRow {
  readonly space_id: string;
  readonly memory_id: string;
  readonly tier: number;
  readonly access_count: number;
  readonly phi: number;
  readonly is_catalyst: boolean;
  readonly last_accessed: Date;
  readonly conversations: string[];
  readonly tier_set: number;
  readonly tier_set_at: number;
  readonly visibility: number;
  /** Whether it is merged with others: then what its own events say stands apart. */
  readonly is_grouped: boolean;
  readonly survivor: string | null;
  readonly similarity: number | null;
  readonly merged_at: number | null;
  readonly own_access_count: number;
  readonly own_phi: number;
  readonly own_is_catalyst: boolean;
  readonly own_last_accessed: Date;
  readonly own_conversations: string[];
}

const columns = sql`s.space_id, s.memory_id, s.tier, s.access_count, s.phi, s.is_catalyst, s.last_accessed, s.conversations,
  s.tier_set, s.tier_set_at, s.visibility, g.memory_id is not null as is_grouped, g.survivor, g.similarity, g.merged_at,
  g.access_count as own_access_count, g.phi as own_phi, g.is_catalyst as own_is_catalyst,
  g.last_accessed as own_last_accessed, g.conversations as own_conversations`;

/** What is kept of the memories that events name and of all that they are merged with, by space. */
export async function readRecords(
  trx: Database,
  schema: string,
  shard: number,
  events: readonly LogEvent[],
): Promise<Map<string, Records>> {
  const named = new Map(
    events.flatMap(({ spaceId, memoryIds }) => memoryIds.map((id) => [`${spaceId}/${id}`, { spaceId, id }] as const)),
  );
  const keys = [...named.values()];
  const { rows } = await sql<RecordRow>`/* read states */
    select ${columns} from unnest(${keys.map(({ spaceId }) => spaceId)}::text[], ${keys.map(({ id }) => id)}::uuid[]) as k(space_id, memory_id)
    join lateral (
      select * from ${sql.table(`${schema}.memory_state`)} s
      where s.shard = ${shard} and s.space_id = k.space_id and s.memory_id = k.memory_id limit 1) s on true
    left join lateral (
      select * from ${sql.table(`${schema}.merge_groups`)} g
      where g.shard = ${shard} and g.space_id = k.space_id and g.memory_id = k.memory_id limit 1) g on true`.execute(
    trx,
  );
  const records = new Map<string, Records>();
  for (const [spaceId, ofSpace] of Map.groupBy(rows, ({ space_id }) => space_id)) {
    const found: Records = new Map(ofSpace.map((row) => [row.memory_id, fromRow(row)]));
    const grouped = ofSpace.filter(({ is_grouped }) => is_grouped).map(({ memory_id }) => memory_id);
    const groups = grouped.length > 0 ? await readGroups(trx, schema, shard, spaceId, grouped) : [];
    for (const [id, record] of groups) found.set(id, record);
    records.set(spaceId, found);
  }
  return records;
}

/** Memories of a space that are merged with others: all of them, or those of the groups that `ids` belong to. */
export async function readGroups(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  ids?: readonly string[],
): Promise<Records> {
  const groups = sql.table(`${schema}.merge_groups`);
  const inSpace = (alias: string) =>
    sql`${sql.ref(`${alias}.shard`)} = ${shard} and ${sql.ref(`${alias}.space_id`)} = ${spaceId}`;
  const members: RawBuilder<unknown> = ids
    ? sql`
      with recursive above as (
        select g.memory_id, g.survivor from ${groups} g where ${inSpace('g')} and g.memory_id = any(${ids}::uuid[])
        union
        select g.memory_id, g.survivor from above a join ${groups} g on ${inSpace('g')} and g.memory_id = a.survivor),
      members as (
        select memory_id from above where survivor is null
        union
        select g.memory_id from members m join ${groups} g on ${inSpace('g')} and g.survivor = m.memory_id)`
    : sql`with members as (select memory_id from ${groups} g where ${inSpace('g')})`;
  const { rows } = await sql<RecordRow>`${members}
    select ${columns} from members m
    join ${sql.table(`${schema}.memory_state`)} s on ${inSpace('s')} and s.memory_id = m.memory_id
    join ${groups} g on ${inSpace('g')} and g.memory_id = m.memory_id`.execute(trx);
  return new Map(rows.map((row) => [row.memory_id, fromRow(row)]));
}

function fromRow(row: RecordRow): MemoryRecord {
  const visibility = visibilities[row.visibility];
  if (!visibility) throw new Error(`the database has an unknown visibility ${row.visibility}`);
  const shown = {
    accessCount: row.access_count,
    phi: row.phi,
    isCatalyst: row.is_catalyst,
    lastAccessed: row.last_accessed.getTime(),
    conversations: row.conversations,
    visibility,
  };
  const tierSet = { tierSet: tierFromNumber(row.tier_set), tierSetAt: row.tier_set_at };
  if (!row.is_grouped) return recordOf({ ...shown, ...tierSet });
  const own = {
    accessCount: row.own_access_count,
    phi: row.own_phi,
    isCatalyst: row.own_is_catalyst,
    lastAccessed: row.own_last_accessed.getTime(),
    conversations: row.own_conversations,
    visibility,
    ...tierSet,
  };
  const { survivor, similarity, merged_at: position } = row;
  const isMerged = survivor !== null && similarity !== null && position !== null;
  return {
    own,
    link: isMerged ? { survivor, similarity, position } : undefined,
    state: { ...shown, tier: tierFromNumber(row.tier) },
  };
}

/** Writes what a fold changed, in key order, as every writer of these rows: unordered writers met in 29 deadlocks. */
export async function writeRecords(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  before: ReadonlyMap<string, MemoryRecord>,
  after: ReadonlyMap<string, MemoryRecord>,
): Promise<void> {
  const changed = [...after].filter(([id, record]) => before.get(id) !== record);
  if (changed.length === 0) return;
  const rows = changed.map(([memoryId, { own, state }]) => ({
    memory_id: memoryId,
    tier: tiers.indexOf(state.tier),
    access_count: state.accessCount,
    phi: state.phi,
    is_catalyst: state.isCatalyst,
    last_accessed: new Date(state.lastAccessed),
    conversations: state.conversations,
    tier_set: tiers.indexOf(own.tierSet),
    tier_set_at: own.tierSetAt,
    visibility: visibilities.indexOf(state.visibility),
  }));
  await sql`/* write states */
    insert into ${sql.table(`${schema}.memory_state`)}
      (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations, tier_set, tier_set_at,
        visibility)
    select ${shard}::smallint, ${spaceId}::text, r.*
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(memory_id uuid, tier smallint, access_count int, phi int,
      is_catalyst boolean, last_accessed timestamptz, conversations uuid[], tier_set smallint, tier_set_at int,
      visibility smallint)
    order by r.memory_id
    on conflict (shard, space_id, memory_id) do update set tier = excluded.tier, access_count = excluded.access_count,
      phi = excluded.phi, is_catalyst = excluded.is_catalyst, last_accessed = excluded.last_accessed,
      conversations = excluded.conversations, tier_set = excluded.tier_set, tier_set_at = excluded.tier_set_at,
      visibility = excluded.visibility`.execute(trx);
  await writeGroups(trx, schema, shard, spaceId, groupedOf(before), groupedOf(after));
}

/** Those that are variants or have some. */
function groupedOf(records: ReadonlyMap<string, MemoryRecord>): Map<string, MemoryRecord> {
  const linked = [...records].filter(([, { link }]) => link);
  const survivors = linked.flatMap(([, { link }]) => {
    const survivor = link && records.get(link.survivor);
    return survivor ? [[link.survivor, survivor] as const] : [];
  });
  return new Map([...linked, ...survivors]);
}

async function writeGroups(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  before: ReadonlyMap<string, MemoryRecord>,
  after: ReadonlyMap<string, MemoryRecord>,
): Promise<void> {
  const groups = sql.table(`${schema}.merge_groups`);
  const alone = [...before.keys()].filter((id) => !after.has(id));
  if (alone.length > 0) {
    await sql`delete from ${groups} where shard = ${shard} and space_id = ${spaceId} and memory_id = any(${alone}::uuid[])`.execute(
      trx,
    );
  }
  const changed = [...after].filter(([id, record]) => before.get(id) !== record);
  if (changed.length === 0) return;
  const rows = changed.map(([memoryId, { own, link }]) => ({
    memory_id: memoryId,
    survivor: link?.survivor ?? null,
    similarity: link?.similarity ?? null,
    merged_at: link?.position ?? null,
    access_count: own.accessCount,
    phi: own.phi,
    is_catalyst: own.isCatalyst,
    last_accessed: new Date(own.lastAccessed),
    conversations: own.conversations,
  }));
  await sql`
    insert into ${groups}
      (shard, space_id, memory_id, survivor, similarity, merged_at, access_count, phi, is_catalyst, last_accessed, conversations)
    select ${shard}::smallint, ${spaceId}::text, r.*
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(memory_id uuid, survivor uuid, similarity float8,
      merged_at bigint, access_count int, phi int, is_catalyst boolean, last_accessed timestamptz, conversations uuid[])
    order by r.memory_id
    on conflict (shard, space_id, memory_id) do update set survivor = excluded.survivor, similarity = excluded.similarity,
      merged_at = excluded.merged_at, access_count = excluded.access_count, phi = excluded.phi,
      is_catalyst = excluded.is_catalyst, last_accessed = excluded.last_accessed,
      conversations = excluded.conversations`.execute(trx);
}

/** Core's `fade`, for all memories of a space that nothing is merged with: a property test holds the two equal. */
export async function fadeUngrouped(
  trx: Database,
  schema: string,
  shard: number,
  { spaceId, payload }: LogEvent & { readonly type: 'space.decayed' },
): Promise<void> {
  await sql`
    update ${sql.table(`${schema}.memory_state`)} s set phi = s.phi * ${payload.factor}::integer / 1000
    where s.shard = ${shard} and s.space_id = ${spaceId} and s.phi > ${resonance.leastFading}::integer
      and s.last_accessed < to_timestamp(${payload.cutoff / 1_000}::float8)
      and not exists (
        select from ${sql.table(`${schema}.merge_groups`)} g
        where g.shard = ${shard} and g.space_id = ${spaceId} and g.memory_id = s.memory_id)`.execute(trx);
}
