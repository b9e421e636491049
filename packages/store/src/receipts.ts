import { AnimaError, defaults, type Log, type Recall, type Receipt, type ReceiptHit, type Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { findRecall } from './archive/find-recall.ts';
import { asRows, type LogArchive } from './archive/log-archive.ts';
import type { Database } from './engine/engine.ts';

/** How long a receipt waits for others, and lets the request that it came with go first, ms. */
const lingerMs = 250;

/** Receipts that may wait; what comes on top of them is not kept, and told from the log. */
const maxWaiting = 5_000;

/** Receipts in one insert. */
const writeBatch = 100;

/** Receipts of a space that are forgotten by one statement. */
const forgetBatch = 1_000;

interface Waiting {
  readonly space: Space;
  readonly recallId: string;
  readonly position: number;
  /** When it was recorded, as the database writes a time. */
  readonly at: string;
  readonly recall: Recall;
}

/** What recalls returned and why: written behind the requests, several in one statement. */
export class Receipts {
  readonly #db: Database;
  readonly #archive: LogArchive;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(db: Database, archive: LogArchive, log: Log) {
    this.#db = db;
    this.#archive = archive;
    this.#log = log;
  }

  /** Returns at once and never throws; unless its space keeps none, the receipt is written later. */
  keep(receipt: Waiting): void {
    const { receiptRetentionDays = defaults.receiptRetentionDays } = receipt.space.settings;
    if (receiptRetentionDays === 0 || this.#isClosed || this.#waiting.length >= maxWaiting) return;
    this.#waiting.push(receipt);
    this.#timer ??= setTimeout(() => this.#flush(), lingerMs);
  }

  /** @throws AnimaError `NOT_FOUND` for a recall that the space does not have */
  async read(space: Space, recallId: string): Promise<Receipt> {
    if (this.#waiting.some((one) => one.recallId === recallId)) this.#flush();
    await this.#writing;
    return (await readKept(this.#db, space, recallId)) ?? readFromLog(this.#db, this.#archive, space, recallId);
  }

  /** Takes no more, and resolves once nothing waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await write(this.#db, this.#waiting.splice(0, writeBatch));
    } catch (error) {
      this.#log.warn({ err: error }, 'receipts could not be kept; the log tells what is left of them');
      this.#waiting = [];
    }
  }
}

async function write(db: Database, receipts: readonly Waiting[]): Promise<void> {
  const rows = receipts.map(({ space, recallId, position, at, recall }) => ({
    shard: space.shard,
    space_id: space.id,
    recall_id: recallId,
    position,
    at,
    state_position: recall.statePosition,
    profile: recall.profile,
    hits: recall.hits.map(({ memoryId, version, breakdown }): ReceiptHit => ({ memoryId, version, breakdown })),
  }));
  await sql`/* keep receipts */
    insert into receipts (shard, space_id, recall_id, position, state_position, profile, hits, created_at)
    select r.shard, r.space_id, r.recall_id, r.position, r.state_position, r.profile, r.hits, r.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(shard smallint, space_id text, recall_id uuid,
      position bigint, state_position bigint, profile text, hits jsonb, at timestamptz)
    on conflict do nothing`.execute(db);
}

interface ReceiptRow {
  readonly position: number;
  readonly state_position: number | null;
  readonly profile: Receipt['profile'];
  readonly at: Date;
  readonly hits: readonly ReceiptHit[];
}

async function readKept(db: Database, { shard, id }: Space, recallId: string): Promise<Receipt | undefined> {
  const { rows } = await sql<ReceiptRow>`
    select r.position, r.state_position, r.profile, r.created_at as at, (
      select coalesce(json_agg(h.hit order by h.place), '[]')
      from jsonb_array_elements(r.hits) with ordinality as h(hit, place)
      where ${isKnown(shard, id, sql`(h.hit ->> 'memoryId')::uuid`)}) as hits
    from receipts r where r.shard = ${shard} and r.space_id = ${id} and r.recall_id = ${recallId}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { position, state_position: statePosition, profile, at, hits } = row;
  return { recallId, position, at: at.toISOString(), profile, statePosition, source: 'receipt', hits };
}

/** What the event of a recall says of it: which memories, in their order. */
async function readFromLog(db: Database, archive: LogArchive, space: Space, recallId: string): Promise<Receipt> {
  const found = await readRecall(db, space, recallId, sql`events`);
  if (found) return found;
  const archived = await findRecall(db, archive, space, recallId);
  const receipt = archived && (await readRecall(db, space, recallId, asRows([archived])));
  if (receipt) return receipt;
  throw new AnimaError('NOT_FOUND', `recallId: there is no recall ${recallId} in space "${space.id}"`);
}

async function readRecall(
  db: Database,
  { shard, id }: Space,
  recallId: string,
  events: RawBuilder<unknown>,
): Promise<Receipt | undefined> {
  const { rows } = await sql<Omit<ReceiptRow, 'state_position' | 'hits'> & { readonly ids: readonly string[] }>`
    select e.position, e.payload ->> 'profile' as profile, e.recorded_at as at, (
      select coalesce(json_agg(i.memory_id order by i.place), '[]')
      from unnest(e.memory_ids) with ordinality as i(memory_id, place)
      where ${isKnown(shard, id, sql`i.memory_id`)}) as ids
    from ${events} e where e.shard = ${shard} and e.id = ${recallId} and e.space_id = ${id}
      and e.type = 'memory.accessed' and e.payload ->> 'via' = 'query'`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { position, profile, at, ids } = row;
  const hits = ids.map((memoryId) => ({ memoryId, version: null, breakdown: null }));
  return { recallId, position, at: at.toISOString(), profile, statePosition: null, source: 'log', hits };
}

/** An erasure may have come while a receipt was on its way: so every look leaves out what was erased. */
function isKnown(shard: number, spaceId: string, memoryId: ReturnType<typeof sql>) {
  return sql`exists (
    select from memories m where m.shard = ${shard} and m.space_id = ${spaceId} and m.memory_id = ${memoryId}
      and m.visibility <> 'erased')`;
}

/** Takes memories that are erased out of what receipts say of them. */
export async function dropFromReceipts(trx: Database, { shard, id }: Space, ids: readonly string[]): Promise<void> {
  await sql`
    with recalls as materialized (
      select e.id from events e where e.shard = ${shard} and e.space_id = ${id}
        and e.memory_ids && ${ids}::uuid[] and e.type = 'memory.accessed')
    update receipts r set hits = left_over.hits from (
      select o.recall_id, (
        select coalesce(jsonb_agg(h.hit order by h.place), '[]')
        from jsonb_array_elements(o.hits) with ordinality as h(hit, place)
        where (h.hit ->> 'memoryId')::uuid <> all(${ids}::uuid[])) as hits
      from recalls join receipts o on o.shard = ${shard} and o.space_id = ${id} and o.recall_id = recalls.id) left_over
    where r.shard = ${shard} and r.space_id = ${id} and r.recall_id = left_over.recall_id`.execute(trx);
}

/**
 * Forgets receipts that are older than their space keeps them, up to the size of a batch of each space.
 *
 * @returns whether more may be left
 */
export async function forgetReceipts(db: Database): Promise<boolean> {
  const days = sql`coalesce((s.settings ->> 'receiptRetentionDays')::integer, ${defaults.receiptRetentionDays}::integer)`;
  const { rows } = await sql<{ shard: number; space_id: string; until: string }>`
    select distinct r.shard, r.space_id, (now() - make_interval(days => ${days}))::text as until
    from spaces s join receipts r on r.shard = s.shard and r.space_id = s.space_id
      and r.created_at <= now() - make_interval(days => ${days}) /* across shards: a worker looks once a minute */`.execute(
    db,
  );
  let isMore = false;
  for (const { shard, space_id, until } of rows) {
    const { numAffectedRows } = await sql`
      delete from receipts where shard = ${shard} and space_id = ${space_id} and recall_id in (
        select recall_id from receipts
        where shard = ${shard} and space_id = ${space_id} and created_at <= ${until}::timestamptz
        order by created_at limit ${forgetBatch}::integer)`.execute(db);
    isMore ||= Number(numAffectedRows) === forgetBatch;
  }
  return isMore;
}
