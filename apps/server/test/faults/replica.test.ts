import { type AnimaClient, createAnimaClient } from '@anima/client';
import { withClient } from '@anima/store/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, type ClusterReplica, missingForCluster, startCluster, startReplica } from './cluster.ts';
import { nativeDatabase } from './databases.ts';
import { startModel } from './model-server.ts';
import { startServer } from './server-process.ts';

const boundMs = 2_000;
const patience = { timeout: 20_000, interval: 100 };

/** One process that reads from a replica, and one that does not know of it. */
describe.skipIf(missingForCluster() !== undefined)('a streaming replica', { timeout: 60_000 }, () => {
  let parts: AsyncDisposableStack;
  let cluster: Cluster;
  let replica: ClusterReplica;
  let url: string;
  let replicaUrl: string;
  let here: AnimaClient;
  let elsewhere: AnimaClient;

  beforeAll(async () => {
    parts = new AsyncDisposableStack();
    cluster = parts.use(await startCluster());
    const database = parts.use(await nativeDatabase(cluster.url));
    const model = parts.use(await startModel());
    replica = parts.use(await startReplica(cluster));
    const settings = { ...database.settings, ...model.settings, SHED_ABOVE_MS: '0' };
    const there = new URL(database.settings.DATABASE_URL ?? '');
    there.port = new URL(replica.url).port;
    replicaUrl = there.href;
    const reading = { ...settings, DATABASE_READ_URL: replicaUrl, DATABASE_READ_LAG_MS: String(boundMs) };
    const [one, other] = await Promise.all([startServer(reading), startServer({ ...settings, ANIMA_ROLE: 'api' })]);
    for (const server of [one, other]) parts.use(server);
    url = one.url;
    here = createAnimaClient({ url });
    elsewhere = createAnimaClient({ url: other.url });
  }, 120_000);
  afterAll(() => parts?.[Symbol.asyncDispose]());

  const reads = async (from: 'replica' | 'primary') => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^anima_replica_reads_total\\{from="${from}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const found = async () =>
    (await here.meta.doctor.query()).find(({ subject }) => subject === 'replica') ?? { status: '', message: '' };
  const isUsed = () => expect.poll(async () => (await found()).status, patience).toBe('ok');
  const add = (client: AnimaClient, content: string, space: string) => client.memories.add.mutate({ content, space });
  const listed = async (space: string) =>
    (await here.memories.list.query({ space })).memories.map(({ content }) => content).toSorted();

  it('answers lists, bootstraps and surveys, and the doctor says how far it is behind', async () => {
    await add(here, 'a heron', 'birds');
    await isUsed();
    expect(await found()).toMatchObject({
      message: expect.stringMatching(/^\d\.\d s behind at most, where at most 2\.0 s/),
    });
    const showsIt = async () => {
      const before = await reads('replica');
      const [list, { memories }, { activity }] = await Promise.all([
        listed('birds'),
        here.memories.bootstrap.query({ space: 'birds' }),
        here.spaces.activity.query({ space: 'birds' }),
      ]);
      expect([list, memories.active.length, activity]).toEqual([['a heron'], 1, []]);
      return (await reads('replica')) - before;
    };
    await expect.poll(showsIt, patience).toBe(3);
  });

  it('whoever writes reads what they wrote, at once, though the replica has stood still', async () => {
    await withClient(replicaUrl, (client) => client.query('select pg_wal_replay_pause()'));
    try {
      for (let number = 0; number < 5; number += 1) {
        await add(here, `number ${number}`, 'own');
        expect(await listed('own')).toHaveLength(number + 1);
      }
      // What others wrote is there as soon as the bound is over, for then the primary answers.
      await add(elsewhere, 'an owl', 'birds');
      const wroteAt = performance.now();
      await expect.poll(() => listed('birds'), patience).toEqual(['a heron', 'an owl']);
      expect(performance.now() - wroteAt).toBeLessThan(boundMs + 2_000);
      await expect.poll(found, patience).toMatchObject({
        status: 'warning',
        message: expect.stringContaining('so the primary answers'),
      });
    } finally {
      await withClient(replicaUrl, (client) => client.query('select pg_wal_replay_resume()'));
    }
    await isUsed();
    const before = await reads('replica');
    expect(await listed('birds')).toEqual(['a heron', 'an owl']);
    expect(await reads('replica')).toBe(before + 1);
  });

  it('killed (-9) or hanging under reads, it is noticed by nobody who reads, and is read again when it is back', async () => {
    for (const [strike, mend] of [
      [() => replica.kill(), () => replica.start()],
      [() => replica.hang(), async () => replica.resume()],
    ] as const) {
      await isUsed();
      const load = new AbortController();
      let answered = 0;
      const reading = Array.from({ length: 8 }, async () => {
        while (!load.signal.aborted) {
          expect(await listed('birds')).toEqual(['a heron', 'an owl']);
          answered += 1;
        }
      });
      // A failure here is a failure of the test, not of nobody.
      const failing = Promise.all(reading);
      failing.catch(() => load.abort());
      const answersMore = async () => {
        const before = answered;
        await expect.poll(() => answered - before, patience).toBeGreaterThan(20);
      };
      await answersMore();
      await strike();
      await answersMore();
      await expect.poll(found, patience).toMatchObject({ status: 'warning' });
      await mend();
      await isUsed();
      await answersMore();
      load.abort();
      await failing;
    }
  });

  it('a copy of another database, and one that replays nothing, are not read', async () => {
    await using stranger = await startServer({
      ...{ DATABASE_URL: cluster.url, DB_POOL_MAX: '5', ANIMA_ROLE: 'api' },
      DATABASE_READ_URL: cluster.url,
    });
    const { meta, memories } = createAnimaClient({ url: stranger.url });
    await memories.list.query({ space: 'none' });
    const finding = async () => (await meta.doctor.query()).find(({ subject }) => subject === 'replica');
    await expect.poll(finding, patience).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(/^it is no replica/),
    });
  });
});
