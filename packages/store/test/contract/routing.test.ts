import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeOn } from '../../src/open-store.ts';
import { onEngine, openEmptyEngine } from '../engines.ts';
import { pretendCitus } from '../fake-citus.ts';
import { faultsOf, pardonOf } from '../routing/faults.ts';
import { sentStatements } from '../routing/sent-statements.ts';
import { words } from '../word-model.ts';

/** That the contract suite sends no statement with a fault is looked at behind every contract: see `engines.ts`. */
const whatOf = async (text: string) => (await faultsOf(text)).map(({ what }) => what);

const reads = (table: string) => `reads ${table} without naming its shard`;

describe('a statement is one node’s work', () => {
  it.each([
    ['its table’s shard is a parameter', 'select from memories where shard = $1 and space_id = $2'],
    ['or a constant, in whichever order', 'select from memories m where 7::smallint = m.shard'],
    ['or one of a row that is compared', 'select from memories where (shard, space_id) = ($1, $2)'],
    ['or the only one of a list', 'select from memories where shard in ($1)'],
    [
      'a join says it of the other table',
      'select from memories m join memory_state s on s.shard = m.shard where m.shard = $1',
    ],
    [
      'or a column that both share does',
      'select from memories join memory_state using (shard, memory_id) where memories.shard = $1',
    ],
    [
      'an outer join says it of the side that may be empty',
      'select from memories m left join requests r on r.shard = m.shard where m.shard = $1',
    ],
    [
      'each table of a union says it',
      'select from memories where shard = $1 union all select from memory_versions where shard = $2',
    ],
    [
      'a row that is inserted brings it',
      'insert into events (position, shard) select r.position, r.shard from jsonb_to_recordset($1) as r(position int, shard int)',
    ],
    [
      'rows that are taken whole bring it',
      'insert into events select * from json_populate_recordset(null::events, $1)',
    ],
    ['tables that every node has need none', 'select from spaces s join embedding_models using (model_id) for update'],
    ['nor do those of the coordinator alone', 'update api_keys set last_used_at = clock_timestamp() where key_id = $1'],
    ['a common table is none', 'with events as (select $1::int as position) select from events'],
  ])('where %s', async (_why, text) => expect(await whatOf(text)).toEqual([]));

  it.each([
    ['nothing says the shard', 'select from memories where space_id = $1', [reads('memories')]],
    ['several are said', 'select from memories where shard = any($1)', [reads('memories')]],
    ['one of two is said', 'select from memories where shard = $1 or space_id = $2', [reads('memories')]],
    ['what is beside it has another name', 'select from memories m, events e where m.shard = $1', [reads('events')]],
    [
      'only a row of another query says it',
      'select from memories m where m.shard = $1 and exists (select from events e where e.shard = m.shard)',
      [reads('events')],
    ],
    [
      'only a row of a function says it',
      'select from jsonb_to_recordset($1) as r(shard int) join memories m on m.shard = r.shard',
      [reads('memories')],
    ],
    [
      'an outer join says it of the side that stays',
      'select from memories m left join requests r on m.shard = $1 and r.shard = m.shard',
      [reads('memories'), reads('requests')],
    ],
    ['vectors are read of all', 'select from vectors_12 order by embedding <=> $1', [reads('vectors_12')]],
    [
      'a common table of its name reads it',
      'with events as (select from events) select from events',
      [reads('events')],
    ],
    ['a common table reads it', 'with found as (select from tier_changes) select from found', [reads('tier_changes')]],
    [
      'a change does not say it',
      'update memories m set version = 2 from (select $1::int as shard) g where g.shard = m.shard',
      [reads('memories')],
    ],
    ['a removal does not say it', 'delete from requests where expires_at < now()', [reads('requests')]],
    ['a cursor reads it', 'declare all_of_them cursor for select from events', [reads('events')]],
    ['an explanation would', 'explain select from events', [reads('events')]],
  ])('and is not where %s', async (_why, text, faults) => expect(await whatOf(text)).toEqual(faults));

  it.each([
    [
      'a row has no shard',
      'insert into events (position) values ($1)',
      ['inserts into events without saying the shard'],
    ],
    [
      'a row’s shard is asked for',
      'insert into events (shard) values ((select 1))',
      ['inserts into events without saying the shard'],
    ],
    ['a row changes its shard', 'update events set shard = 2 where shard = 1', ['moves rows to another shard: events']],
    [
      'a change reads the clock',
      'update events set recorded_at = clock_timestamp() where shard = 1',
      ['changes rows by a volatile function: events'],
    ],
    [
      'so does its condition',
      'delete from events where shard = 1 and recorded_at < clock_timestamp()',
      ['changes rows by a volatile function: events'],
    ],
    [
      'so does that of a table of every node',
      'update spaces set created_at = clock_timestamp()',
      ['changes rows by a volatile function: spaces'],
    ],
    [
      'a session’s settings make the value',
      'update receipts set hits = to_jsonb(position) where shard = 1',
      ['changes rows by what the session makes of a column, or chooses: receipts'],
    ],
    [
      'the time is chosen',
      'update imports set touched_at = coalesce(touched_at, now()) where shard = 1',
      ['changes rows by what the session makes of a column, or chooses: imports'],
    ],
    [
      'a conflict sets the time',
      'insert into imports (shard) values ($1) on conflict (shard) do update set touched_at = now()',
      ['sets on conflict what is not the same at any time: imports'],
    ],
    [
      'an answer has the time',
      'delete from imports where shard = $1 returning current_timestamp',
      ['returns what is not the same at any time: imports'],
    ],
    [
      'many shards are locked',
      'select from shard_heads order by shard for update /* across shards: to see */',
      ['locks rows of several shards'],
    ],
    [
      'a table of the coordinator is beside it',
      'select from events e join bench_runs b on b.id = e.id where e.shard = $1',
      ['reads bench_runs, which is on the coordinator, beside events'],
    ],
    [
      'a table of every node is changed by it',
      'update spaces s set decayed_at = $1 where exists (select from events e where e.shard = $2)',
      ['changes a table of every node by what events has'],
    ],
    [
      'it merges',
      'merge into events using events e on false when matched then delete',
      ['merges, which is not looked through here'],
    ],
  ])('and is refused where %s', async (_why, text, faults) => expect(await whatOf(text)).toEqual(faults));
});

describe('a statement that is asked of all shards', () => {
  it('is one of these, none of which a request waits for', () => {
    const src = join(import.meta.dirname, '../../src');
    const asking = readdirSync(src, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
      const asked = file.endsWith('.ts') ? readFileSync(join(src, file), 'utf8').match(/\/\* across shards: /g) : null;
      return asked ? [`${file}: ${asked.length}`] : [];
    });
    expect(asking.toSorted()).toEqual([
      'archive/sizes.ts: 2',
      'backup/write-backup.ts: 1',
      'doctor/look-at-archive.ts: 1',
      'doctor/look-at-schema.ts: 3',
      'doctor/look-at-work.ts: 3',
      'gauges.ts: 2',
      'jobs/consolidate.ts: 1',
      'jobs/embed-pending.ts: 1',
      'jobs/expire-due.ts: 1',
      'jobs/workers.ts: 4',
      'lifecycle/erase.ts: 1',
      'models.ts: 1',
      'past/snapshots.ts: 1',
      'projections/rebuild.ts: 1',
      'projections/replay.ts: 1',
      'query-vectors.ts: 1',
      'receipts.ts: 1',
      'reembedding/sweep-vectors.ts: 3',
      'schema/register-model.ts: 2',
      'survey/checkpoints.ts: 1',
      'transfer/imports.ts: 1',
    ]);
  });

  it('says so, and why', async () => {
    expect(await whatOf('select from events /* across shards: once a day */')).toEqual([]);
    expect(await whatOf('select from events /* across shards: */')).toEqual([reads('events')]);
  });

  it('is none that is asked all the time', async () => {
    expect(await whatOf('/* hot */ select from events /* across shards: once a day */')).toEqual([
      'is hot, and is asked of all shards',
    ]);
  });

  it('may be anything where there is one machine only', async () => {
    expect(await whatOf('/* hot */ select from events for update /* one machine: as it was */')).toEqual([]);
  });
});

onEngine('pglite', 'where tables are on many nodes', (opened) => {
  it('requests of several shards that come together are sent shard by shard', async () => {
    const { log, embedder } = opened();
    const engine = await pretendCitus(await openEmptyEngine('pglite', log));
    const isForOneMachine = (text: string) => pardonOf(text) === 'one machine';
    await using store = await storeOn(
      { ...engine, batch: { ...engine.batch, appendsOfOneShard: 4 } },
      { model: words, log },
    ).then((made) => ({ ...made, [Symbol.asyncDispose]: () => made.close() }));
    const dependencies = { ...opened().dependencies, store, embedder };
    const spaces = await Promise.all([1, 2, 3].map(() => store.openSpace(opened().newName())));
    const before = [...sentStatements.keys()].filter(isForOneMachine);
    const together = async <T>(work: (space: (typeof spaces)[number]) => Promise<T>) => Promise.all(spaces.map(work));
    await together((space) => opened().add(space, 'the harbour in winter', dependencies));
    await together((space) => opened().query(space, 'where is the harbour?', store));
    await together((space) => store.queryVectors.read(space, '00'));
    expect([...sentStatements.keys()].filter(isForOneMachine)).toEqual(before);
  });
});
