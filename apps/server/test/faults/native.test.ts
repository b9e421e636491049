import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNativeMissing, nativeDatabase } from './databases.ts';
import { interruptMigrations, poison, workerWithRules } from './interventions.ts';
import type { ModelServer } from './model-server.ts';
import type { Network } from './network.ts';
import { preloaded, startServer } from './server-process.ts';
import { proxied, Trial } from './trial.ts';

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

  for (const [what, role, times] of [
    ['an api', 'api', 3],
    ['a worker', 'worker', 4],
    ['every process', 'every', 2],
  ] as const) {
    it(`kill -9 of ${what}`, ({ task }) =>
      trial.survive(task, { times, strike: () => trial.fleet.kill(role, trial.random) }));
  }

  it('rolling restart: no request fails', async ({ task }) => {
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

  const answers: readonly ModelServer['answers'][] = ['garbage', 'other dimensions', 'NaN', 'never'];
  for (const kind of answers) {
    it(`Ollama answers ${kind}`, ({ task }) =>
      trial.survive(task, {
        times: 1,
        async strike(writers) {
          trial.model.answers = kind;
          await writers.acknowledge(40);
          trial.model.answers = 'well';
        },
      }));
  }

  it('clock of every process goes back an hour', ({ task }) =>
    trial.survive(task, { times: 2, strike: async () => trial.fleet.signal('SIGUSR2') }));

  it('worker of an older version, then of a later one, beside the others', ({ task }) =>
    trial.survive(task, {
      times: 2,
      async strike(writers, time) {
        const worker = await startServer({ ...trial.settings, ...workerWithRules(time === 0 ? 1 : 3) });
        await writers.acknowledge(40);
        const { code, stdout } = await worker.end('SIGTERM');
        expect(code).toBe(0);
        expect(stdout).toMatch(/was folded by rules 2, this worker has rules [13]/);
      },
    }));

  it('kill -9 in the middle of migrations', ({ task }) =>
    trial.survive(task, { times: 1, strike: () => interruptMigrations(trial, [150, 300, 450, 600, 750]) }));

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
