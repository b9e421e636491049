import { AnimaError } from '@anima/core';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { type BatchSizes, type Database, inTransaction } from '../engine/engine.ts';
import { nameShards } from '../shards.ts';
import { wordsOf } from '../words.ts';
import { requestLifetime, reusedKey } from './change.ts';
import { GroupCommit, KeyedGroups } from './group-commit.ts';
import { beingImported, lockHeads } from './shard-heads.ts';

/** One row of an append: what becomes one event, with the content it brings. */
export type AppendRow =
  | {
      readonly kind: 'add';
      readonly event_id: string;
      /** The id the memory gets if its content is new. */
      readonly memory_id: string;
      readonly content: string;
      /** SHA-256 of the content, hex. */
      readonly hash: string;
      readonly category: string | null;
      readonly tags: readonly string[];
      readonly source: string | null;
      readonly catalyst: boolean;
      readonly occurred_at: string | null;
      readonly expires_at: string | null;
      readonly conversation_id: string | null;
      readonly conversation_name: string | null;
    }
  | {
      readonly kind: 'recall';
      readonly event_id: string;
      readonly memory_ids: readonly string[];
      readonly conversation_id: string | null;
      readonly conversation_name: string | null;
      readonly profile: string;
      readonly outcome: unknown;
    }
  | {
      readonly kind: 'cite';
      readonly event_id: string;
      readonly recall_id: string;
      readonly memory_ids: readonly string[];
    };

/** The rows of one request: all of them are appended or none. */
interface Append {
  readonly shard: number;
  readonly spaceId: string;
  readonly rows: readonly AppendRow[];
  readonly request: { readonly key: string; readonly fingerprint: string } | undefined;
}

/** Outcome of an added row. */
export interface AddedRow {
  readonly memoryId: string;
  readonly version: number;
  readonly isNew: boolean;
  /** When it was recorded, as the database writes a time. */
  readonly at: string;
}

/** Outcome of one row, as it is answered and as a retry of the request gets it again. */
type RowOutcome =
  | AddedRow
  | { readonly recallId: string; readonly hits: unknown; readonly position: number; readonly at: string }
  | { readonly cited: readonly string[] };

interface Entry extends Append {
  readonly weight: number;
  readonly exclusive: readonly string[];
}

/** Content in one append, in characters: bounds how long a shard's head is held. */
const maxContent = 1_000_000;

export interface AppendLog {
  /**
   * Appends durably, together with what else is waiting. Outcomes are in the order of the rows.
   *
   * @throws AnimaError `CONFLICT` when the request's key was used with another body, `OVERLOADED`
   * when too many writes wait, `UNAVAILABLE` when the database could not take it
   */
  append(append: Append): Promise<readonly RowOutcome[]>;
  drain(): Promise<void>;
}

/**
 * Opens the log for appending; `appended` hears of every shard that has new events. One batch for all shards is what one
 * server does fastest; of many nodes each has its own shards, so there each shard has its own batches.
 */
export function openAppendLog(
  db: Database,
  { append: maxEntries, appendsOfOneShard }: Pick<BatchSizes, 'append' | 'appendsOfOneShard'>,
  appended: (shards: ReadonlySet<number>) => void,
): AppendLog {
  const admit = pLimit(appendsOfOneShard ?? 1);
  const groups = new KeyedGroups<number | undefined, Entry, readonly RowOutcome[] | AnimaError>(
    () =>
      new GroupCommit({
        commit: async (entries) => {
          const outcomes = await admit(() => commit(db, entries));
          appended(new Set(entries.map(({ shard }) => shard)));
          return outcomes;
        },
        isSafeToRetry: isSqlError,
        maxEntries,
        maxWeight: maxContent,
      }),
  );
  return {
    append: async (append) => {
      const entry = { ...append, weight: weightOf(append), exclusive: exclusiveOf(append) };
      const outcome = await groups.of(appendsOfOneShard && append.shard).submit(entry);
      if (outcome instanceof AnimaError) throw outcome;
      return outcome;
    },
    drain: () => groups.drain(),
  };
}

function weightOf({ rows }: Append): number {
  return rows.reduce((sum, row) => sum + (row.kind === 'add' ? row.content.length : 0), 0);
}

function exclusiveOf({ shard, spaceId, rows, request }: Append): string[] {
  const names = rows.flatMap((row) => (row.kind === 'cite' ? [`recall ${shard} ${row.recall_id}`] : []));
  return request ? [...names, `request ${spaceId} ${request.key}`] : names;
}

/** An error of a statement: the transaction was rolled back, so trying again cannot append twice. */
function isSqlError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  // Not the classes of a connection that broke or a server that is going down: the commit may have happened.
  return /^[0-9A-Z]{5}$/.test(error.code) && !/^(08|53|57)/.test(error.code);
}

async function commit(db: Database, entries: readonly Entry[]): Promise<(readonly RowOutcome[] | AnimaError)[]> {
  const rows = entries.flatMap(({ shard, spaceId, rows, request }, entry) =>
    rows.map((row) => ({
      ...row,
      entry,
      shard,
      space_id: spaceId,
      request_key: request?.key ?? null,
      fingerprint: request?.fingerprint ?? null,
    })),
  );
  const numbered = rows.map((row, ord) => ({ ...row, ord }));
  const input = JSON.stringify(numbered);
  const { importing, answered } = await inTransaction(db, async (trx) => {
    // A statement's snapshot is older than the lock it waits for: so lock in one, decide in the next.
    const shards = [...new Set(entries.map(({ shard }) => shard))];
    const importing = await lockHeads(trx, shards);
    const admitted =
      importing.size === 0 ? input : JSON.stringify(numbered.filter(({ space_id }) => !importing.has(space_id)));
    return { importing, answered: (await appendStatement(admitted, shards).execute(trx)).rows };
  });
  return entries.map((entry, index) => {
    if (importing.has(entry.spaceId)) return beingImported(entry.spaceId);
    const mine = answered.filter((row) => row.entry === index);
    const replayed = mine.find(({ prior_fingerprint }) => prior_fingerprint !== null);
    if (!replayed) return mine.map(({ outcome }) => outcome as RowOutcome);
    if (replayed.prior_fingerprint === entry.request?.fingerprint) return replayed.prior_outcome as RowOutcome[];
    return reusedKey();
  });
}

interface AppendedRow {
  readonly entry: number;
  readonly outcome: unknown;
  readonly prior_fingerprint: string | null;
  readonly prior_outcome: unknown;
}

/**
 * The append: reads what is known of each row under the lock, and writes events, contents, initial
 * states, turns and outcomes in one statement. Look-ups are lateral with a limit, so that no plan
 * can turn them into a join that scans the table, whatever the statistics say.
 */
function appendStatement(input: string, shards: readonly number[]) {
  const { note, inShard } = nameShards(shards);
  return sql<AppendedRow>`/* append */${note}
with input as materialized (
  select r.*, decode(r.hash, 'hex') as content_hash, prior.outcome as prior_outcome, prior.fingerprint as prior_fingerprint
  from jsonb_to_recordset(${input}::jsonb) as r(
    ord int, entry int, shard smallint, space_id text, kind text, event_id uuid, request_key text, fingerprint text,
    memory_id uuid, content text, hash text, category text, tags text[], source text, catalyst boolean,
    occurred_at timestamptz, expires_at timestamptz, conversation_id uuid, conversation_name text,
    memory_ids uuid[], recall_id uuid, profile text, outcome jsonb)
  left join lateral (
    select q.outcome, q.fingerprint from requests q
    where ${inShard('q')}q.shard = r.shard and q.space_id = r.space_id and q.key = r.request_key and q.expires_at > now() limit 1
  ) prior on true),
todo as materialized (select * from input where prior_fingerprint is null),

known as materialized (
  select t.ord, r.memory_id, r.version, r.visibility, m.memory_id as holder
  from todo t, lateral (
    select * from memories m
    where ${inShard('m')}m.shard = t.shard and m.space_id = t.space_id and m.content_hash = t.content_hash limit 1) m,
  lateral (
    select * from memories r where ${inShard('r')}r.shard = m.shard and r.space_id = m.space_id and r.memory_id = case
      when m.merged_into is null then m.memory_id
      -- Merged content answers with its survivor, which may be merged itself.
      else (
        with recursive above as (
          select m.merged_into as memory_id
          union
          select o.merged_into from above a
          join memories o on ${inShard('o')}o.shard = m.shard and o.space_id = m.space_id and o.memory_id = a.memory_id
          where o.merged_into is not null)
        select o.memory_id from above a
        join memories o on ${inShard('o')}o.shard = m.shard and o.space_id = m.space_id and o.memory_id = a.memory_id
        where o.merged_into is null)
      end limit 1) r
  where t.kind = 'add'),
first as (
  select distinct on (t.shard, t.space_id, t.content_hash) t.*
  from todo t where t.kind = 'add' and not exists (select from known k where k.ord = t.ord)
  order by t.shard, t.space_id, t.content_hash, t.ord),
cited as (
  insert into citations (shard, space_id, recall_id, memory_id)
  select shard, space_id, recall_id, unnest(memory_ids) from todo where kind = 'cite'
  on conflict do nothing returning shard, space_id, recall_id, memory_id),

facts as materialized (
  select t.*, coalesce(t.memory_ids, '{}') as ids, null::uuid as memory, null::uuid as holder, 0 as version, false as is_new, false as revived
  from todo t where t.kind = 'recall'
  union all
  select t.*, c.ids, null, null, 0, false, false
  from todo t join (
    select shard, recall_id, array_agg(memory_id order by memory_id) as ids from cited group by shard, recall_id
  ) c using (shard, recall_id)
  where t.kind = 'cite'
  union all
  select t.*, array[coalesce(k.memory_id, f.memory_id)], coalesce(k.memory_id, f.memory_id), k.holder,
    coalesce(k.version, 1), f.ord is not distinct from t.ord,
    -- Of several that bring it back, one does.
    coalesce(k.visibility = 'hidden', false) and t.ord = min(t.ord) over (partition by t.shard, t.space_id, k.memory_id)
  from todo t left join known k using (ord)
    left join first f on f.shard = t.shard and f.space_id = t.space_id and f.content_hash = t.content_hash
  where t.kind = 'add'),
heads as (
  select shard, position, greatest(recorded_at, date_trunc('milliseconds', clock_timestamp())) as now
  from shard_heads h where ${inShard('h')}h.shard in (select shard from facts)),
placed as materialized (
  select f.*, h.now, h.position + row_number() over (partition by f.shard order by f.ord) as position
  from facts f join heads h using (shard)),

log as (
  insert into events (shard, position, space_id, id, type, schema_version, conversation_id, memory_ids, payload, occurred_at, recorded_at)
  select shard, position, space_id, event_id,
    case when kind = 'cite' then 'memory.cited' when is_new then 'memory.added' else 'memory.accessed' end,
    1, conversation_id, ids,
    case when kind = 'cite' then jsonb_build_object('recallId', recall_id)
      when kind = 'recall' then jsonb_build_object('via', 'query', 'profile', profile)
      when is_new then jsonb_build_object('catalyst', catalyst)
      else jsonb_build_object('via', 'duplicate', 'catalyst', catalyst, 'revived', revived) end,
    occurred_at, now
  from placed),
bump as (
  update shard_heads h set position = h.position + p.events, recorded_at = p.now
  from (select shard, count(*) as events, max(now) as now from placed group by shard) p where ${inShard('h')}h.shard = p.shard),
contents as (
  insert into memories (shard, space_id, memory_id, content, content_hash, category, tags, source, conversation_id,
    occurred_at, expires_at, created_at, updated_at, fts)
  select shard, space_id, memory, content, content_hash, category, tags, source, conversation_id, occurred_at, expires_at,
    now, now, ${wordsOf('content', 'occurred_at')}
  from placed where is_new),
revivals as (
  update memories m set visibility = 'live', updated_at = p.now from placed p
  where ${inShard('m')}p.revived and m.shard = p.shard and m.space_id = p.space_id and m.memory_id = p.memory),
states as (
  insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
  select shard, space_id, memory, 0, 0, case when catalyst then 1000 else 0 end, catalyst, now,
    case when conversation_id is null then '{}' else array[conversation_id] end
  from placed where is_new),
talks as (
  insert into conversations (shard, space_id, conversation_id, name)
  select distinct shard, space_id, conversation_id, conversation_name from placed where conversation_id is not null
  on conflict do nothing),
turns as (
  insert into conversation_turns (shard, space_id, conversation_id, ordinal, memory_id)
  select shard, space_id, conversation_id, position, memory from placed where kind = 'add' and conversation_id is not null),

outcomes as materialized (
  select t.ord, t.entry, t.shard, t.space_id, t.request_key, t.fingerprint,
    case t.kind
      -- A variant that was said is named too, so that its erasure finds the requests that said it.
      when 'add' then jsonb_strip_nulls(jsonb_build_object('memoryId', p.memory, 'version', p.version, 'isNew', p.is_new,
        'at', p.now, 'said', nullif(p.holder, p.memory)))
      when 'cite' then jsonb_build_object('cited', coalesce(to_jsonb(p.ids), '[]'))
      else t.outcome || jsonb_build_object('position', p.position, 'at', p.now) end as outcome
  from todo t left join placed p using (ord)),
remembered as (
  insert into requests (shard, space_id, key, fingerprint, outcome, expires_at)
  select shard, space_id, request_key, min(fingerprint), jsonb_agg(outcome order by ord), now() + ${requestLifetime}::interval
  from outcomes where request_key is not null group by shard, space_id, request_key
  on conflict (shard, space_id, key) do update
    set fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at)

select entry, outcome, null as prior_fingerprint, null::jsonb as prior_outcome, ord from outcomes
union all
select entry, null, prior_fingerprint, prior_outcome, ord from input where prior_fingerprint is not null
order by ord`;
}
