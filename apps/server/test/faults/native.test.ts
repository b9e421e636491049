import { setTimeout as sleep } from 'node:timers/promises';
import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEveryServer } from './databases.ts';
import { interruptMigrations, poison, startMs, workerWithRules } from './interventions.ts';
import type { ModelServer } from './model-server.ts';
import type { Network } from './network.ts';
import { preloaded, startServer } from './server-process.ts';
import { proxied, Trial } from './trial.ts';

/** What is said while the model answers so, and where. */
const said = new Map<ModelServer['answers'], string>([
  ['an error', 'a heron over the lagoon'],
  ['garbage', 'two otters below that birch'],
  ['other dimensions', 'kelp around an inlet'],
  ['NaN', 'maple beside nettle'],
  ['nothing', 'cedar along the fjord'],
  ['delay', 'juniper, pine and amber'],
]);
const space = 'outage';

/** How long a process that is told to stop goes on answering, ms. */
const drainMs = 1_000;

/** Two processes that answer and two that work, on one database, one fault after the other. */
onEveryServer(({ name, create }) => {
  let trial: Trial;
  let network: Network;

  beforeAll(async () => {
    const through = await proxied(await create());
    network = through.network;
    trial = await Trial.open({
      ...{ engine: name, database: through.database, roles: ['api', 'api', 'worker', 'worker'] },
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
    using balancer = balance(() => trial.fleet.urls());
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
  });

  it('sessions ended by the database', ({ task }) =>
    trial.survive(task, {
      times: 2,
      strike: () =>
        trial.database.read((sql) =>
          sql(`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`),
        ),
    }));

  it('connections cut', ({ task }) => trial.survive(task, { times: 2, strike: async () => network.cut() }));

  it('database slow: 50 ms more each way', ({ task }) =>
    trial.survive(task, {
      times: 1,
      async strike(writers) {
        network.delayMs = 50;
        await writers.acknowledge(20);
        network.delayMs = 0;
      },
    }));

  it(`Ollama answers with ${[...said.keys()].join(', ')}`, ({ task }) =>
    trial.survive(task, {
      times: said.size,
      async strike(writers, time) {
        const [answers, content] = [...said][time] ?? ['well', ''];
        trial.model.answers = answers;
        const { memories } = createAnimaClient({ url: trial.url });
        expect((await memories.add.mutate({ content, space })).embedding).toBe('pending');
        const found = await memories.query.mutate({ query: content, space });
        expect(found.degraded).toBe('lexical');
        expect(found.memories.map((memory) => memory.content)).toContain(content);
        await writers.acknowledge(20);
        trial.model.answers = 'well';
      },
    }));

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

  // Last, as by then it was asked again.
  it('what the model did not embed it is asked again, without help', async () => {
    await trial.embedded();
    const { memories } = createAnimaClient({ url: trial.url });
    for (const content of said.values()) {
      const recall = async () => {
        const found = await memories.query.mutate({ query: content, space });
        return found.memories.find((memory) => memory.content === content)?.similarity;
      };
      // A query that waits too long for its own vector, on a machine that is busy, finds words only.
      await expect.poll(recall, { timeout: 30_000 }).toBeCloseTo(1, 2);
    }
  });

  it('end: the whole log says what was acknowledged, and every memory has its vector', () => trial.end());
}, 240_000);

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
    [Symbol.dispose]: () => looking.abort(),
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}
