import { AnimaError, type LogEvent, type Space } from '@anima/core';
import { sql, type Transaction } from 'kysely';
import pLimit, { type LimitFunction } from 'p-limit';
import { type Database, inTransaction } from '../engine/engine.ts';
import { beingImported, lockHeads } from './shard-heads.ts';

/** A fact to append; the log gives it its place and time. */
export interface Fact {
  readonly type: LogEvent['type'];
  readonly memoryIds: readonly string[];
  readonly payload: object;
}

/** The request that a change belongs to, so that a retry of it changes nothing. */
interface KeyedRequest {
  readonly key: string;
  readonly fingerprint: string;
}

/** Under the lock of the head of its shard. */
export interface ChangeScope {
  readonly trx: Transaction<unknown>;
  /** When the facts will be recorded. */
  readonly now: Date;
  /** Where the first fact will stand. */
  readonly position: number;
}

interface Decision<Outcome> {
  readonly facts: readonly Fact[];
  readonly outcome: Outcome;
}

/** Changes of one process that may hold a connection: they wait for each other's shards. */
const changesAtOnce = 4;

/**
 * Appends facts that follow from what the tables hold, with what they change there: read, decided and written
 * in one transaction under the lock of the shard's head. What is asked for all the time goes through the
 * append of `append.ts`, which takes many requests in one statement.
 */
export class ChangeLog {
  readonly #db: Database;
  readonly #changed: (space: Space) => void;
  readonly #admit: LimitFunction = pLimit(changesAtOnce);

  /** @param changed hears of every space whose change is durable */
  constructor(db: Database, changed: (space: Space) => void) {
    this.#db = db;
    this.#changed = changed;
  }

  /**
   * @param decide reads and writes by its scope's transaction only
   * @returns its outcome, or the first one's where the request is a retry
   * @throws AnimaError `CONFLICT` when the request's key was used with another body, or the space is being imported
   */
  change<Outcome>(
    space: Space,
    request: KeyedRequest | undefined,
    decide: (scope: ChangeScope) => Promise<Decision<Outcome>>,
  ): Promise<Outcome> {
    return this.#admit(async () => {
      const outcome = await inTransaction(this.#db, async (trx) => {
        // A statement's snapshot is older than the lock it waits for: so lock in one, decide in the next.
        if ((await lockHeads(trx, [space.shard])).has(space.id)) throw beingImported(space.id);
        const { prior, ...head } = await readHead(trx, space, request);
        if (prior !== undefined) return prior as Outcome;
        const decision = await decide({ trx, now: head.now, position: head.position + 1 });
        if (decision.facts.length > 0) await appendFacts(trx, space, head, decision.facts);
        if (request) await remember(trx, space, request, decision.outcome);
        return decision.outcome;
      });
      this.#changed(space);
      return outcome;
    });
  }
}

interface Head {
  readonly position: number;
  readonly now: Date;
}

/** Where the log of a shard ends, whose head is locked, and what the request made before. */
export async function readHead(
  trx: Database,
  { shard, id }: Space,
  request: KeyedRequest | undefined,
): Promise<Head & { readonly prior: unknown }> {
  const { rows } = await sql<Head & { readonly fingerprint: string | null; readonly outcomes: unknown[] | null }>`
    select h.position, greatest(h.recorded_at, date_trunc('milliseconds', clock_timestamp())) as now,
      q.fingerprint, q.outcome as outcomes
    from shard_heads h left join requests q
      on q.shard = h.shard and q.space_id = ${id} and q.key = ${request?.key ?? null} and q.expires_at > now()
    where h.shard = ${shard}`.execute(trx);
  const [head] = rows;
  if (!head) throw new Error(`shard ${shard} has no head`);
  if (head.fingerprint === null) return { ...head, prior: undefined };
  if (head.fingerprint !== request?.fingerprint) throw reusedKey();
  return { ...head, prior: head.outcomes?.[0] };
}

/** The refusal of a key that came with another body before. */
export function reusedKey(): AnimaError {
  const message = 'was used before with another request body';
  return new AnimaError('CONFLICT', 'this idempotency key was used before with another request body', {
    details: [{ field: 'idempotencyKey', message }],
  });
}

/** Appends facts under the lock of the head. */
export async function appendFacts(
  trx: Database,
  { shard, id }: Space,
  { position, now }: Head,
  facts: readonly Fact[],
) {
  const rows = facts.map(({ type, memoryIds, payload }, index) => ({
    position: position + 1 + index,
    type,
    memory_ids: memoryIds,
    payload,
  }));
  await sql`
    insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
    select ${shard}::smallint, r.position, ${id}::text, gen_random_uuid(), r.type, 1, r.memory_ids, r.payload, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(position bigint, type text, memory_ids uuid[], payload jsonb)`.execute(
    trx,
  );
  await sql`update shard_heads set position = ${position + facts.length}, recorded_at = ${now} where shard = ${shard}`.execute(
    trx,
  );
}

/** How long a retry of a request still finds its first outcome. */
export const requestLifetime = '24 hours';

async function remember(
  trx: Database,
  { shard, id }: Space,
  { key, fingerprint }: KeyedRequest,
  outcome: unknown,
): Promise<void> {
  await sql`
    insert into requests (shard, space_id, key, fingerprint, outcome, expires_at)
    values (${shard}, ${id}, ${key}, ${fingerprint}, ${JSON.stringify([outcome])}::jsonb, now() + ${requestLifetime}::interval)
    on conflict (shard, space_id, key) do update
      set fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at`.execute(
    trx,
  );
}
