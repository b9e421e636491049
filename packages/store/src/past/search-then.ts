import type {
  Candidate,
  Filters,
  Moment,
  PastCandidate,
  PastState,
  Search,
  Space,
  StructuralSearch,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import { type Database, inTransaction } from '../engine/engine.ts';
import { type Allowed, allowed, spaceCondition } from '../reads/filters.ts';
import { readAsJson } from '../reads/read-as-json.ts';
import { search } from '../reads/search.ts';
import { chooseTarget, type SearchTarget, type VectorSize } from '../reads/search-target.ts';
import { turningEvents } from '../schema/search-indexes.ts';
import { vectorLiteral } from '../vectors.ts';
import { statesAt } from './states.ts';

/** Where vectors are, and what the choice of the vector arm depends on. */
export interface VectorPlace extends Pick<SearchTarget, 'vectorsTable' | 'vectorColumn'>, VectorSize {}

/** The search of now, among what was live then, with the states of then. */
export function searchThen(
  db: Database,
  archive: LogArchive,
  vectors: VectorPlace,
  space: Space,
  wanted: Search,
  moment: Moment,
): Promise<readonly PastCandidate[]> {
  return inOneSnapshot(db, archive, space, wanted.filters, moment, async (trx, among) => {
    const target = await chooseTarget(trx, vectors, vectors, space, among);
    return (await search(trx, target, space, wanted, among)).candidates;
  });
}

/** All that is similar enough among what was live then: φ of then is in no index, so that each has to be weighed. */
export function searchStructuralThen(
  db: Database,
  archive: LogArchive,
  vectors: VectorPlace,
  space: Space,
  wanted: StructuralSearch,
  moment: Moment,
): Promise<readonly PastCandidate[]> {
  return inOneSnapshot(db, archive, space, wanted.filters, moment, (trx, among) =>
    compareAll(trx, vectors, space, wanted, among),
  );
}

type Compared = Pick<Candidate, 'memoryId' | 'version' | 'conversationId' | 'similarity'> & Partial<Candidate>;

/** What turned between then and now is looked up and searched in one snapshot: nothing may turn in between. */
function inOneSnapshot(
  db: Database,
  archive: LogArchive,
  space: Space,
  filters: Filters,
  moment: Moment,
  find: (trx: Database, among: Allowed) => Promise<readonly Compared[]>,
): Promise<readonly PastCandidate[]> {
  if (moment.at === null) return Promise.resolve([]);
  return inTransaction(
    db,
    async (trx) => {
      const found = await find(trx, await allowedThen(trx, archive, space, filters, moment));
      const ids = found.map(({ memoryId }) => memoryId);
      const states = await statesAt(trx, archive, space, moment.position, ids);
      return found.flatMap((candidate): PastCandidate[] => {
        const past = states.get(candidate.memoryId);
        // Of those that were added in the very millisecond of the moment, some came after it.
        if (past?.visibility !== 'live') return [];
        const { tier, accessCount, phi } = past;
        return [{ neighbours: [], lexical: 0, ...candidate, tier, accessCount, phi, past }];
      });
    },
    { repeatableRead: true },
  );
}

/** What was live then and meets the filters, of which tiers are those of then. */
async function allowedThen(
  db: Database,
  archive: LogArchive,
  space: Space,
  { tiers, ...filters }: Filters,
  { position, at }: Moment,
): Promise<Allowed> {
  const exists = sql`m.visibility <> 'erased' and m.created_at <= ${at}::timestamptz`;
  if (tiers) {
    const states = await statesAt(db, archive, space, position);
    const wanted = idsOf(states, ({ visibility, tier }) => visibility === 'live' && tiers.includes(tier));
    return allowed(space, filters, sql`${exists} and m.memory_id = any(${wanted}::uuid[])`);
  }
  const turned = await turnedSince(db, space, position);
  const states = await statesAt(db, archive, space, position, turned);
  const live = idsOf(states, ({ visibility }) => visibility === 'live');
  const isLive = sql`(m.visibility = 'live' and m.memory_id <> all(${turned}::uuid[]) or m.memory_id = any(${live}::uuid[]))`;
  return allowed(
    space,
    filters,
    turned.length > 0 ? sql`${exists} and ${isLive}` : sql`${exists} and m.visibility = 'live'`,
  );
}

function idsOf(states: ReadonlyMap<string, PastState>, isWanted: (state: PastState) => boolean): string[] {
  return [...states].filter(([, state]) => isWanted(state)).map(([id]) => id);
}

/** Memories that may be found now and not then, or then and not now. */
async function turnedSince(db: Database, { shard, id }: Space, position: number): Promise<readonly string[]> {
  const { rows } = await sql<{ ids: readonly string[] | null }>`
    select json_agg(distinct memory_id) as ids from (
      select unnest(e.memory_ids) as memory_id from events e
      where e.shard = ${shard} and e.space_id = ${id} and e.position > ${position} and ${sql.raw(turningEvents)}) turned`.execute(
    db,
  );
  return rows[0]?.ids ?? [];
}

async function compareAll(
  db: Database,
  { vectorsTable, vectorColumn }: VectorPlace,
  space: Space,
  wanted: StructuralSearch,
  { condition }: Allowed,
): Promise<readonly Compared[]> {
  const inSpace = spaceCondition(space, false);
  const statement: RawBuilder<Compared> = sql`
    select * from (
      select m.memory_id as "memoryId", m.version, m.conversation_id as "conversationId",
        1 - min(v.embedding <=> ${vectorLiteral(wanted.vector)}::${sql.raw(vectorColumn)}) as similarity
      from ${sql.table(vectorsTable)} v
      join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
      where ${inSpace('v')} and ${inSpace('m')} and ${condition}
      group by m.memory_id, m.version, m.conversation_id) s
    where similarity >= ${wanted.similarityThreshold}::float8`;
  return readAsJson(db, undefined, statement);
}
