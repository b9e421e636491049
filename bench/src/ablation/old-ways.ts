import { promote, resonance, type Space, tiers } from '@anima/core';
import type { Measured } from '@anima/store/measured';

/**
 * What a request did before the fixes, one statement after the other, each waited for: as somebody writes it who
 * puts down what has to happen. Nothing is made slower than that: a statement finds its rows by a key or an index, as
 * long as there are any, and commits by itself, so that nobody waits for the locks of a whole request.
 */

type Database = Pick<Measured, 'run' | 'vectors'>;

const duplicateSimilarity = 0.95;

/** Counts every pair of what was recalled together: 190 statements for 20 memories. */
export async function countPairsInTurn({ run }: Database, space: Space, ids: readonly string[]): Promise<void> {
  for (const [index, one] of ids.entries()) {
    for (const other of ids.slice(index + 1)) {
      const pair = one < other ? [one, other] : [other, one];
      await run(
        `insert into associations as known (shard, space_id, a, b, count, last_at) values ($1, $2, $3, $4, 1, now())
         on conflict (shard, space_id, a, b) do update set count = known.count + 1, last_at = now()`,
        [space.shard, space.id, ...pair],
      );
    }
  }
}

interface StateRow {
  readonly access_count: number;
  readonly tier: number;
}

/** Strengthens each memory and looks whether that promotes it: 40 to 60 statements for 20 memories. */
export async function strengthenInTurn({ run }: Database, space: Space, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const key = [space.shard, space.id, id];
    await run(
      `update memory_state set access_count = access_count + 1, phi = least(phi + $4, $5), last_accessed = now()
       where shard = $1 and space_id = $2 and memory_id = $3`,
      [...key, resonance.access, resonance.max],
    );
    const [state] = await run<StateRow>(
      `select access_count, tier from memory_state where shard = $1 and space_id = $2 and memory_id = $3`,
      key,
    );
    const tier = tiers[state?.tier ?? 0];
    if (!state || tier === undefined) continue;
    const promoted = promote(tier, state.access_count - 1, state.access_count);
    if (promoted === tier) continue;
    await run(`update memory_state set tier = $4 where shard = $1 and space_id = $2 and memory_id = $3`, [
      ...key,
      tiers.indexOf(promoted),
    ]);
  }
}

/** The nearest memory that is as good as the same. Every vector of the space is compared: nothing is sorted by distance. */
export async function scanForDuplicate(
  { run, vectors }: Database,
  space: Space,
  vector: Float32Array,
): Promise<string | undefined> {
  const [nearest] = await run<{ memory_id: string }>(
    `select memory_id, 1 - (embedding <=> $3::text::${vectors.column}) as similarity from ${vectors.table}
     where shard = $1 and space_id = $2 and 1 - (embedding <=> $3::text::${vectors.column}) >= $4
     order by similarity desc limit 1`,
    [space.shard, space.id, vectors.literal(vector), duplicateSimilarity],
  );
  return nearest?.memory_id;
}

/** What the tiers gave at most, 50 together. */
const ofTiers = [
  { tier: 0, order: 's.last_accessed desc', limit: 25 },
  { tier: 1, order: 's.phi desc', limit: 18 },
  { tier: 2, order: 's.phi desc', limit: 7 },
];

/** A query for each tier, and an access of everything that it returned. */
export async function bootstrapByThree({ run }: Database, space: Space): Promise<number> {
  let read = 0;
  for (const { tier, order, limit } of ofTiers) {
    const memories = await run<{ memory_id: string }>(
      `select m.*, s.tier, s.access_count, s.phi, s.is_catalyst, s.last_accessed from memory_state s
       join memories m on m.shard = s.shard and m.space_id = s.space_id and m.memory_id = s.memory_id
       where s.shard = $1 and s.space_id = $2 and s.tier = $3 and m.visibility = 'live'
       order by ${order} limit $4`,
      [space.shard, space.id, tier, limit],
    );
    await run(
      `update memory_state set access_count = access_count + 1, last_accessed = now()
       where shard = $1 and space_id = $2 and memory_id = any($3::uuid[])`,
      [space.shard, space.id, memories.map(({ memory_id }) => memory_id)],
    );
    read += memories.length;
  }
  return read;
}
