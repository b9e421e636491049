import { type AnimaClient, createAnimaClient } from '@anima/client';
import { type RunningServer, startServer } from '@anima/client/node/start-server';
import { readExposition } from '../exposition.ts';

/** Processes of one service, on one database. */
export interface Fleet extends AsyncDisposable {
  readonly client: AnimaClient;
  /** Of those that answer. */
  readonly urls: readonly string[];
  /** Stops workers where they stand: what is recorded from now on piles up. */
  holdWorkers(): void;
  releaseWorkers(): void;
  /** Events that each worker has folded since it started. */
  folded(): Promise<readonly number[]>;
}

/** As many that answer as work. */
export async function startFleet(env: NodeJS.ProcessEnv, count: number): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const start = async (role: 'api' | 'worker') => {
    const server = await startServer({ ...process.env, ...env }, 0, role);
    stack.defer(() => server.stop());
    return server;
  };
  // The first migrates; those that start beside it would wait for it.
  const first = await start('api');
  const [more, workers] = await Promise.all([
    Promise.all(Array.from({ length: count - 1 }, () => start('api'))),
    Promise.all(Array.from({ length: count }, () => start('worker'))),
  ]);
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of workers) process.kill(pid, name);
  };
  // One that is held could not be stopped in order.
  stack.defer(() => signal('SIGCONT'));
  const running = stack.move();
  return {
    client: createAnimaClient({ url: first.url, timeoutMs: 60_000 }),
    urls: [first, ...more].map(({ url }) => url),
    holdWorkers: () => signal('SIGSTOP'),
    releaseWorkers: () => signal('SIGCONT'),
    folded: () => Promise.all(workers.map(foldedBy)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function foldedBy({ url }: RunningServer): Promise<number> {
  const folded = (await readExposition(url)).sum('anima_folded_events_total');
  if (folded === undefined) throw new Error(`${url} does not say what it has folded`);
  return folded;
}
