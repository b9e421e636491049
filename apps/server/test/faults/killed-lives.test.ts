import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onEveryEngine, type Sql } from './databases.ts';
import { Lives } from './lives.ts';
import { startModel } from './model-server.ts';
import { seededRandom, testSeed } from './random.ts';
import { startServer } from './server-process.ts';
import { expectVerified, folded } from './settled.ts';

/** How often the server is killed, and what must be acknowledged before each. */
const rounds = {
  PGlite: { kills: 1, atLeast: 40 },
  PostgreSQL: { kills: 2, atLeast: 40 },
  Citus: { kills: 2, atLeast: 40 },
};

onEveryEngine(({ name, create }) => {
  it('a server killed while memories are changed, merged and erased: every acknowledged change is in the log once, and what was erased is nowhere', {
    timeout: 300_000,
  }, async () => {
    const { kills, atLeast } = rounds[name];
    const seed = testSeed();
    const random = seededRandom(seed);
    await using database = await create();
    await using model = await startModel();
    const folder = await mkdtemp(join(tmpdir(), 'anima-faults-'));
    const settings = { ANIMA_DATA_DIR: folder, ...database.settings, ...model.settings };
    let server = await startServer(settings);
    try {
      let urls: readonly string[] = [server.url];
      const clients = ['north', 'east', 'south'].map((space, index) => new Lives(space, seed + index, () => urls));
      const acknowledged = () => clients.reduce((sum, client) => sum + client.acknowledged, 0);
      const stopping = new AbortController();
      const living = Promise.all(clients.map((client) => client.goOn(stopping.signal)));
      living.catch(() => stopping.abort());
      for (let kill = 0; kill <= kills && !stopping.signal.aborted; kill += 1) {
        const goal = acknowledged() + atLeast;
        while (acknowledged() < goal && !stopping.signal.aborted) await sleep(5);
        if (kill === kills) break;
        await sleep(40 * random());
        urls = [];
        await server.end('SIGKILL');
        server = await startServer(settings);
        urls = [server.url];
      }
      stopping.abort();
      await living;
      await Promise.all(clients.map((client) => client.sayTwiceAndErase()));

      await folded(server.url);
      await expectVerified(server.url);
      await server.end('SIGTERM');
      for (const client of clients) await database.read((sql) => expectOnce(sql, client));
    } finally {
      await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly via: string | null;
  readonly memory_ids: readonly string[];
}

async function expectOnce(sql: Sql, client: Lives): Promise<void> {
  const events = await sql<EventRow>(`
    select id, type, payload ->> 'via' as via, to_json(memory_ids) as memory_ids from events
    where space_id = '${client.space}' order by position`);
  const recalls = new Map(events.filter(({ via }) => via === 'query').map(({ id, memory_ids }) => [id, memory_ids]));
  expect(events.flatMap(factsOf).toSorted()).toEqual(client.facts.toSorted());
  // What was shown of a recall is in its event, with what was merged away before it could be shown.
  for (const [recallId, ids] of client.shown) expect(recalls.get(recallId)).toEqual(expect.arrayContaining([...ids]));
  const gone = events.filter(({ type }) => type === 'memory.erased').flatMap(({ memory_ids }) => memory_ids);
  expect(gone).toHaveLength(new Set(gone).size);
  expect(gone).toEqual(expect.arrayContaining([...client.erased]));

  const [differing] = await sql<{ count: number }>(`
    select count(*)::int as count from memories m join memory_state s using (shard, space_id, memory_id)
    where m.visibility <> (array['live', 'hidden', 'merged', 'erased', 'expired'])[s.visibility + 1]`);
  expect(differing, 'memories whose visibility is not what the log says').toEqual({ count: 0 });
  await expectNowhere(sql, client.erasedMarks());
}

/** What a client would have written down of an event; merges are nobody's request, and erasures are looked at apart. */
function factsOf({ id, type, via, memory_ids }: EventRow): string[] {
  if (type === 'memory.merged' || type === 'memory.erased') return [];
  if (via === 'query') return [`recalled ${id}`];
  if (via === 'duplicate') return memory_ids.map((memoryId) => `said again ${memoryId}`);
  if (type === 'memory.unmerged') return memory_ids.slice(1).map((memoryId) => `${type} ${memoryId}`);
  return memory_ids.map((memoryId) => `${type} ${memoryId}`);
}

/** That no row of any table holds one of these words. */
async function expectNowhere(sql: Sql, words: readonly string[]): Promise<void> {
  expect(words.length).toBeGreaterThan(0);
  const tables = await sql<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`);
  for (const { name } of tables) {
    const rows = await sql<{ row: string }>(
      `select t::text as row from ${name} t where t::text ~ '${words.join('|')}'`,
    );
    expect(rows, `what was erased, in ${name}`).toEqual([]);
  }
}
