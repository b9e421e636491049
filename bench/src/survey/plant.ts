import { type Space, type Visibility, visibilities } from '@anima/core';
import type { Measured } from '@anima/store/measured';

/** Rows of one statement. */
const atOnce = 100_000;

/** Statements that give a space this many memories and what follows from a life of theirs, by ids from 1 to `n`. */
const statements = (count: number) => [
  `insert into memories (shard, space_id, memory_id, content, content_hash, category, tags, source, visibility, merged_into,
     created_at, updated_at, fts)
   select $1, $2, ${id('n')}, content, sha256(convert_to(content, 'UTF8')), 'category ' || n % 12, array['tag ' || n % 40],
     case when n % 50 = 0 then 'source ' || n % 500 end, visibility,
     case when visibility = 'merged' then ${id('n - 1')} end, at, at, to_tsvector('english', content)
   from (select n, ${added(count)} as at, ${visibility} as visibility,
       format('Memory %s: %s and %s talk of topic %s in week %s', n, 'person' || n % 97, 'person' || n % 89,
         'topic' || n % 1000, n % 52) as content
     from generate_series($3::int, $4::int) n) rows`,
  `insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations,
     visibility)
   select $1, $2, ${id('n')}, ${tier}, n * 7919::bigint % 30, n * 7919::bigint % 5001, n % 1000 = 0,
     ${added(count)} + n * 104729::bigint % 100000 * interval '1 s', '{}', ${visibilityNumber}
   from generate_series($3::int, $4::int) n`,
  `insert into tier_changes (shard, space_id, memory_id, position, from_tier, to_tier, reason)
   select $1, $2, ${id('n')}, n, 0, ${tier}, 'accesses' from generate_series($3::int, $4::int) n where ${tier} > 0`,
  // Each memory is added; every tenth place of the log is an access of twenty instead, or a merge.
  `insert into events (shard, position, space_id, id, type, schema_version, conversation_id, memory_ids, payload, recorded_at)
   select $1, n, $2, gen_random_uuid(),
     case when ${visibility} = 'merged' then 'memory.merged' when n % 10 = 0 then 'memory.accessed' else 'memory.added' end, 1,
     case when n % 10 = 0 then ${id('n % 1000')} end,
     case when ${visibility} = 'merged' then array[${id('n - 1')}, ${id('n')}]
       when n % 10 = 0 then array(select ${id(`1 + (n * 7919::bigint + i * 104729::bigint) % ${count}`)} from generate_series(1, 20) i)
       else array[${id('n')}] end,
     case when ${visibility} = 'merged'
       then jsonb_build_object('survivor', ${id('n - 1')}, 'merged', ${id('n')}, 'similarity', 0.97) else '{}' end, ${added(count)}
   from generate_series($3::int, $4::int) n`,
  `insert into associations (shard, space_id, a, b, count, last_at)
   select $1, $2, ${id('n')}, ${id(`n + 1 + n % 7`)}, 1 + n * 7919::bigint % 1009 / 100, now()
   from generate_series($3::int, $4::int) n`,
];

/** Of things that have a number: in the order in which they were made, as those of Anima are. */
function id(n: string): string {
  return `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
}

function added(count: number): string {
  return `timestamptz '2026-01-01' - (${count} - n) * interval '30 s'`;
}

const visibility = `case when n % 200 = 0 then 'merged' when n % 100 = 7 then 'hidden' else 'live' end`;
const planted: readonly Visibility[] = ['live', 'hidden', 'merged'];
const numbers = planted.map((one) => `when '${one}' then ${visibilities.indexOf(one)}`);
const visibilityNumber = `case ${visibility} ${numbers.join(' ')} end`;
/** Seven in ten stay active. */
const tier = 'case when n % 10 < 7 then 0 when n % 10 < 9 then 1 else 2 end';

/** Fills a space by SQL, past the log, and its log with what would have made it. */
export async function plant(
  { run, vectors }: Measured,
  { shard, id: space }: Space,
  count: number,
  onProgress: (planted: number) => void,
): Promise<void> {
  for (let from = 1; from <= count; from += atOnce) {
    const to = Math.min(count, from + atOnce - 1);
    for (const statement of statements(count)) await run(statement, [shard, space, from, to]);
    onProgress(to);
  }
  await run('update shard_heads set position = $2 where shard = $1', [shard, count]);
  // All is folded, and all but the last hundred have their vector.
  await run('update fold_checkpoints set position = $2 where shard = $1', [shard, count]);
  await run('update fold_checkpoints set position = $2 - 100 where shard = $1 and projection = $3', [
    ...[shard, count, vectors.table],
  ]);
}
