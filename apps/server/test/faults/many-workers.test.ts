import { type AnimaClient, createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEveryServer, type TestDatabase } from './databases.ts';
import { type ModelServer, startModel } from './model-server.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { expectVerified, folded } from './settled.ts';

type Worker = ServerProcess & { readonly url: string };

/** Of 64 shards they hit about half. */
const spaces = Array.from({ length: 40 }, (_, index) => `space-${index}`);
const contents = ['a heron by the lake', 'a heron in the reeds', 'an otter by the lake'];

/** One process answers, three work, all on one database. */
onEveryServer(({ create }) => {
  let parts: AsyncDisposableStack;
  let database: TestDatabase;
  let model: ModelServer;
  let client: AnimaClient;
  let url: string;
  let workers: readonly Worker[];
  let accesses = 0;

  beforeAll(async () => {
    parts = new AsyncDisposableStack();
    database = parts.use(await create());
    model = parts.use(await startModel());
    const settings = { ...database.settings, ...model.settings };
    const spawn = (role: string) => parts.use(spawnServer({ ...settings, ANIMA_ROLE: role, SHED_ABOVE_MS: '0' }));
    const api = spawn('api');
    url = await api.ready;
    client = createAnimaClient({ url, timeoutMs: 60_000 });
    workers = await Promise.all(
      ['worker', 'worker', 'worker'].map(async (role) => {
        const process = spawn(role);
        return { ...process, url: await process.ready };
      }),
    );
  }, 120_000);
  afterAll(() => parts?.[Symbol.asyncDispose]());

  /** Every memory of every space is recalled once. */
  const recallEverywhere = async () => {
    await Promise.all(
      spaces.map(async (space) => {
        const found = await client.memories.query.mutate({ query: 'heron otter', space, conversationId: 'c' });
        accesses += found.count;
      }),
    );
  };
  const foldedBy = async ({ url }: Worker) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(/^anima_folded_events_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  };
  const events = () =>
    database.read(async (sql) => {
      const [row] = await sql<{ events: number }>('select sum(position)::int as events from shard_heads');
      return row?.events ?? 0;
    });

  it('each folds a share, and every event is folded once', async () => {
    for (const space of spaces) {
      await client.memories.addMany.mutate({ memories: contents.map((content) => ({ content })), space });
    }
    for (let round = 0; round < 6; round += 1) await recallEverywhere();
    await folded(url);
    const shares = await Promise.all(workers.map(foldedBy));
    // Twice, once for each projection.
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(2 * (await events()));
    const fair = (2 * (await events())) / workers.length;
    for (const share of shares) expect(share, `of ${shares}`).toBeGreaterThan(fair / 3);
  });

  it('what one that is killed (-9) was at, the others fold in a moment, and every access is counted once', async () => {
    const [killed, ...left] = workers;
    const before = await Promise.all(left.map(foldedBy));
    for (let round = 0; round < 4; round += 1) await recallEverywhere();
    await killed?.end('SIGKILL');
    for (let round = 0; round < 4; round += 1) await recallEverywhere();
    const begun = performance.now();
    await folded(url);
    const tookMs = performance.now() - begun;
    const after = await Promise.all(left.map(foldedBy));
    for (const [index, share] of after.entries()) expect(share).toBeGreaterThan(before[index] ?? 0);
    // A sweep of one that lives finds what was lost with the dead: every five seconds.
    expect(tookMs).toBeLessThan(15_000);
    const counted = await database.read(async (sql) => {
      const [row] = await sql<{ accesses: number }>('select sum(access_count)::int as accesses from memory_state');
      return row?.accesses;
    });
    expect(counted).toBe(accesses);
    await expectVerified(url);
  });

  it('a query that one process was asked, no other asks the model: its vector is in the database', async () => {
    const other = parts.use(
      spawnServer({ ...database.settings, ...model.settings, ANIMA_ROLE: 'api', EMBEDDING_CACHE_MAX: '1' }),
    );
    const second = createAnimaClient({ url: await other.ready });
    const asked = { query: 'which bird is it?', space: spaces[0] as string };
    expect((await client.memories.query.mutate(asked)).degraded).toBeUndefined();
    const kept = () =>
      database.read(async (sql) => (await sql<{ n: number }>('select count(*)::int as n from query_vectors'))[0]?.n);
    // The heron query and this one, each in its space.
    await expect.poll(kept, { timeout: 10_000 }).toBe(spaces.length + 1);
    model.answers = 'an error';
    expect((await second.memories.query.mutate(asked)).degraded).toBeUndefined();
    expect((await second.memories.query.mutate({ ...asked, query: 'and which fish?' })).degraded).toBe('lexical');
    model.answers = 'well';
  });
}, 120_000);
