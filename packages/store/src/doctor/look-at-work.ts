import { projections, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from '../engine/engine.ts';
import type { DatabaseGauges } from '../gauges.ts';
import { readEvents } from '../log/read-events.ts';
import type { Models } from '../models.ts';
import { type Found, failure, ok, one, warning } from './look.ts';

type Gauges = () => Promise<DatabaseGauges>;

/** A fold that is this late is not just busy, ms. */
const lateFoldMs = 30_000;
/** Jobs that wait: hints are sent far more rarely than they are worked off. */
const manyJobs = 1_000;

export async function lookAtFolds({ db }: Engine, _: Models, gauges: Gauges): Promise<Found> {
  const { rows: others } = await sql`
    select 1 from fold_checkpoints where rules_version <> ${rulesVersion} limit 1
    /* across shards: the doctor looks at all */`.execute(db);
  if (others.length > 0) {
    return failure('some were folded by the rules of another version', 'Run "anima rebuild".');
  }
  const halted = await whyShardsHalt(db);
  if (halted.length > 0) {
    return failure(halted.join('; '), 'If a later version wrote it, upgrade this one: folding then goes on by itself.');
  }
  const { folds } = await gauges();
  if (folds.lagEvents === 0) return ok('up to date');
  const behind = `${folds.lagEvents} events behind, the oldest for ${Math.round(folds.lagMs / 1_000)} s`;
  if (folds.lagMs < lateFoldMs) return ok(behind);
  return warning(behind, 'Is a worker running (ANIMA_ROLE all or worker)? Its log says what stops it.');
}

/** For each shard whose next event nobody can fold, why. */
async function whyShardsHalt(db: Database): Promise<readonly string[]> {
  const { rows: behind } = await sql<{ shard: number; position: number }>`
    select distinct c.shard, c.position from fold_checkpoints c join shard_heads h using (shard)
    where h.position > c.position and c.projection = any(${projections}::text[])
    order by c.shard, c.position
    /* across shards: the doctor looks at all */`.execute(db);
  const reasons = new Set<string>();
  for (const { shard, position } of behind) {
    try {
      await readEvents(db, shard, { after: position, limit: 1 });
    } catch (error) {
      reasons.add(error instanceof Error ? error.message : String(error));
    }
  }
  return [...reasons];
}

export async function lookAtEmbeddings({ db }: Engine, _: Models, gauges: Gauges): Promise<Found> {
  const { pendingEmbeddings } = await gauges();
  const { refused } = await one(
    db,
    sql<{ refused: number }>`
      select count(*)::int as refused from embedding_failures f
      join spaces s on s.shard = f.shard and s.space_id = f.space_id and s.model_id = f.model_id
      /* across shards: the doctor looks at all */`,
  );
  if (refused > 0) {
    return warning(
      `${pendingEmbeddings} memories wait for their vector, ${refused} of them refused by the model`,
      "They are tried again ever more rarely; the server's log says why they are refused.",
    );
  }
  if (pendingEmbeddings === 0) return ok('every memory has its vector');
  return ok(`${pendingEmbeddings} memories wait for their vector; their words find them`);
}

export async function lookAtQueue(_engine: Engine, _models: Models, gauges: Gauges): Promise<Found> {
  const { queued, active, failed: failures } = (await gauges()).jobs;
  const state = `${queued} waiting, ${active} in work, ${failures} failed lately`;
  if (failures > 0) return warning(state, "Failed work is tried again; the worker's log says why it failed.");
  if (queued > manyJobs) return warning(state, 'Is a worker running (ANIMA_ROLE all or worker)?');
  return ok(state);
}
