import { setTimeout as sleep } from 'node:timers/promises';
import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNativeMissing, nativeDatabase } from './databases.ts';
import { interruptMigrations, poison, startMs, workerWithRules } from './interventions.ts';
import type { ModelServer } from './model-server.ts';
import type { Network } from './network.ts';
import { preloaded, startServer } from './server-process.ts';
import { proxied, Trial } from './trial.ts';

/** Where what is said to the model that fails is kept. */
const space = 'outage';

/** How long a process that is told to stop goes on answering, ms. */
const drainMs = 1_000;

/** Two processes that answer and two that work, on one server, one fault after the other. */
describe.skipIf(isNativeMissing)('PostgreSQL', { timeout: 240_000 }, () => {
  let trial: Trial;
  let network: Network;

  beforeAll(async () => {
    const through = await proxied(await nativeDatabase());
    network = through.network;
    trial = await Trial.open({
      ...{ engine: 'PostgreSQL', database: through.database, roles: ['api', 'api', 'worker', 'worker'] },
      settings: { ...preloaded('shifted-clock'), DRAIN_MS: String(drainMs) },
    });
  }, 120_000);
  afterAll(() => trial?.[Symbol.asyncDispose]());

  // Of one process, while the others start too.
  it('kill -9 in the middle of the very first start', ({ task }) =>
    trial.survive(task, {
      times: 1,
      isFirst: true,
      strike: () => trial.fleet.killWhileStarting(trial.random, 3, startMs),
    }));

  for (const [what, role, times] of [
    ['an api', 'api', 2],
    ['a worker', 'worker', 2],
    ['every process', 'every', 1],
  ] as const) {
    it(`kill -9 of ${what}`, ({ task }) =>
      trial.survive(task, { times, strike: () => trial.fleet.kill(role, trial.random) }));
  }

  it('rolling restart: no request fails', async ({ task }) => {
    await trial.fleet.ready();
    const balancer = balance(() => trial.fleet.urls());
    await balancer.looked();
    const apis = trial.fleet.urls();
    await trial.survive(task, {
      times: apis.length,
      unnoticedAt: balancer.urls,
      async strike(writers, time) {
        const ended = await trial.fleet.restart(apis[time] ?? '');
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        expect(ended.stdout).not.toMatch(/"level":[56]0/);
        await writers.acknowledge(20);
        await trial.fleet.ready();
        await balancer.looked();
      },
    });
    balancer.stop();
  });

  it('sessions ended by the database', ({ task }) =>
    trial.survive(task, {
      times: 4,
      strike: () =>
        trial.database.read((sql) =>
          sql(`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`),
        ),
    }));

  it('connections cut', ({ task }) => trial.survive(task, { times: 4, strike: async () => network.cut() }));

  it('database slow: 50 ms more each way', ({ task }) =>
    trial.survive(task, {
      times: 1,
      async strike(writers) {
        network.delayMs = 50;
        await writers.acknowledge(20);
        network.delayMs = 0;
      },
    }));

  describe('Ollama', () => {
    const said = (kind: string) => `a heron over the lagoon, said while it answered ${kind}`;
    const kinds: readonly ModelServer['answers'][] = [
      'an error',
      'garbage',
      'other dimensions',
      'NaN',
      'never',
      'late',
    ];

    for (const kind of kinds) {
      it(`Ollama answers ${kind}`, ({ task }) =>
        trial.survive(task, {
          times: 1,
          async strike(writers) {
            trial.model.answers = kind;
            const { memories } = createAnimaClient({ url: trial.url });
            expect((await memories.add.mutate({ content: said(kind), space })).embedding).toBe('pending');
            const found = await memories.query.mutate({ query: said(kind), space });
            expect(found.degraded).toBe('lexical');
            expect(found.memories.map(({ content }) => content)).toContain(said(kind));
            await writers.acknowledge(20);
            trial.model.answers = 'well';
          },
        }));
    }

    it('is asked again, without help, for what it did not embed', async () => {
      await trial.embedded();
      const { memories } = createAnimaClient({ url: trial.url });
      for (const kind of kinds) {
        const found = await memories.query.mutate({ query: said(kind), space, limit: kinds.length });
        expect(found.degraded).toBeUndefined();
        expect(found.memories.find(({ content }) => content === said(kind))?.similarity).toBeCloseTo(1, 2);
      }
    });
  });

  it('clock of every process goes back an hour', ({ task }) =>
    trial.survive(task, { times: 2, strike: async () => trial.fleet.signal('SIGUSR2') }));

  it('workers of an older and of a later version beside the others', ({ task }) =>
    trial.survive(task, {
      times: 1,
      async strike(writers) {
        const start = (rules: number) => startServer({ ...trial.settings, ...workerWithRules(rules) });
        const workers = await Promise.all([start(1), start(3)]);
        await writers.acknowledge(40);
        for (const { code, stdout } of await Promise.all(workers.map((worker) => worker.end('SIGTERM')))) {
          expect(code).toBe(0);
          expect(stdout).toMatch(/was folded by rules 2, this worker has rules [13]/);
        }
      },
    }));

  it('kill -9 in the middle of migrations', ({ task }) =>
    trial.survive(task, { times: 1, strike: () => interruptMigrations(trial) }));

  it('event that only a later version can read', ({ task }) =>
    trial.survive(task, { times: 1, strike: (writers) => poison(trial, writers) }));

  it('end: the whole log says what was acknowledged, and every memory has its vector', () => trial.end());
});

/** Sends clients to the processes that say that they are ready, as a balancer does. */
function balance(urls: () => readonly string[]) {
  let ready: readonly string[] = [];
  let looks = 0;
  const looking = new AbortController();
  void (async () => {
    while (!looking.signal.aborted) {
      const seen = await Promise.all(urls().map(async (url) => ((await isReady(url)) ? [url] : [])));
      ready = seen.flat();
      looks += 1;
      await sleep(drainMs / 10);
    }
  })();
  return {
    urls: () => ready,
    async looked() {
      const next = looks + 2;
      while (looks < next) await sleep(10);
    },
    stop: () => looking.abort(),
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}
