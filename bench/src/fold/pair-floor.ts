import type { Space } from '@anima/core';
import type { Measured } from '@anima/store/measured';
import type { Recalls } from './recalls.ts';

/** What a fold changes at once at most, and how many of them run beside each other, as the engines have it. */
const batches = {
  postgres: { recalls: 500, pairs: 20_000, atOnce: 4 },
  pglite: { recalls: 50, pairs: 1_000, atOnce: 1 },
} as const;

/**
 * The floor of folding: the pairs of the same recalls, counted beforehand, upserted into a bare copy of the table
 * by the statement that folding uses. No log is read, no state is kept, no checkpoint moves.
 *
 * @returns how long that took, ms
 */
export async function upsertPairs({ run, kind }: Pick<Measured, 'run' | 'kind'>, recalls: Recalls): Promise<number> {
  const { atOnce, ...limits } = batches[kind];
  await run('create table if not exists bare_pairs (like associations including all)');
  const spaces = [...Map.groupBy(recalls, ({ from }) => from)];
  const work = spaces.map(([{ space }, ofSpace]) => ({
    space,
    batches: inBatches(
      ofSpace.map(({ memoryIds }) => memoryIds),
      limits,
    ),
  }));
  const startedAt = performance.now();
  const next = work.values();
  const writer = async () => {
    for (const { space, batches: ofSpace } of next) for (const counts of ofSpace) await upsert(run, space, counts);
  };
  await Promise.all(Array.from({ length: atOnce }, writer));
  return performance.now() - startedAt;
}

async function upsert(run: Measured['run'], { shard, id }: Space, counts: ReadonlyMap<string, number>): Promise<void> {
  const pairs = [...counts.keys()];
  await run(
    `insert into bare_pairs as known (shard, space_id, a, b, count, last_at)
     select $1::smallint, $2::text, p.a, p.b, p.count, now() from unnest($3::uuid[], $4::uuid[], $5::int[]) as p(a, b, count)
     on conflict (shard, space_id, a, b) do update set count = known.count + excluded.count, last_at = excluded.last_at`,
    [...[shard, id, pairs.map((pair) => pair.slice(0, 36)), pairs.map((pair) => pair.slice(37))], [...counts.values()]],
  );
}

/** Counts of pairs, in key order, as a fold would write them together. */
function inBatches(
  recalls: readonly (readonly string[])[],
  { recalls: mostRecalls, pairs: mostPairs }: { readonly recalls: number; readonly pairs: number },
): ReadonlyMap<string, number>[] {
  const finished: Map<string, number>[] = [];
  let batch = new Map<string, number>();
  let held = 0;
  for (const memoryIds of recalls) {
    if (held === mostRecalls || batch.size >= mostPairs) {
      finished.push(batch);
      batch = new Map();
      held = 0;
    }
    held += 1;
    for (const pair of pairsAmong(memoryIds)) batch.set(pair, (batch.get(pair) ?? 0) + 1);
  }
  if (held > 0) finished.push(batch);
  return finished.map((counts) => new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function pairsAmong(memoryIds: readonly string[]): string[] {
  const ids = memoryIds.toSorted();
  return ids.flatMap((a, index) => ids.slice(index + 1).map((b) => `${a} ${b}`));
}
