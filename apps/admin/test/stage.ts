import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnimaClient, createAnimaClient } from '@anima/client';
import { drain } from '@anima/client/node/drain';
import { sample } from '../src/parts/sample.ts';

const serverEntry = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const consoleEntry = fileURLToPath(new URL('../serve/main.ts', import.meta.url));

/** A server or a console, as a process of its own. */
export interface Running {
  readonly url: string;
  /** At once, as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param env `PORT` where it is to be found again; any free one otherwise */
export function startServer(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const { DATABASE_URL: _, ...environment } = process.env;
  return start(serverEntry, { ...environment, ANIMA_DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'warn', ...env });
}

/** The console of the server at `url`, built first where it is not. */
export function startConsole(url: string): Promise<Running> {
  return start(consoleEntry, { ...process.env, NODE_ENV: 'production', ANIMA_URL: url, ADMIN_PORT: '0' });
}

type Message = { readonly type: string; readonly url?: string; readonly reason?: string };

async function start(entry: string, env: NodeJS.ProcessEnv): Promise<Running> {
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', ({ type, url, reason }: Message) => {
      if (type === 'ready' && url) resolve(url);
      if (type === 'failed') reject(new Error(reason));
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(`${entry} ended before it was ready`)));
  });
  return { url, kill: () => end(child, ended, 'SIGKILL'), stop: () => end(child, ended, 'SIGTERM') };
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
}

/** A real conversation where the data is there, else the sample that the console comes with. */
function conversation(): { readonly memories: typeof sample; readonly questions: readonly string[] } {
  const folder =
    process.env.ANIMA_LOCOMO_DIR ?? fileURLToPath(new URL('../../../../shared/data/locomo', import.meta.url));
  if (!existsSync(folder)) {
    return {
      memories: sample,
      questions: ['Who leads the billing rewrite?', 'What does Ada drink?', 'Why did the run fail?'],
    };
  }
  const read = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    memories: read('26.memories.jsonl'),
    questions: read('26.questions.jsonl').map(({ question }: { question: string }) => question),
  };
}

/**
 * Fills a space as agents would: a conversation is remembered, recalled, cited, and partly forgotten.
 *
 * @returns a question that the space has an answer to
 */
export async function fill(
  url: string,
  space: string,
  { memories: most = 1_000, recalls = 40 }: { readonly memories?: number; readonly recalls?: number } = {},
): Promise<string> {
  const { memories: client } = createAnimaClient({ url });
  const { memories: all, questions } = conversation();
  const memories = all.slice(0, most);
  for (let from = 0; from < memories.length; from += 100) {
    await client.addMany.mutate({ memories: memories.slice(from, from + 100), space });
  }
  let answered: string | undefined;
  for (let turn = 0; turn < recalls; turn += 1) {
    const query = questions[turn % Math.min(8, questions.length)]!;
    const answer = await client.query.mutate({ query, limit: 6, conversationId: `talk ${turn % 5}`, space });
    const used = answer.memories.slice(0, 1).map(({ id }) => id);
    if (used.length > 0) answered ??= query;
    if (turn % 5 === 0 && answer.recallId)
      await client.cite.mutate({ recallId: answer.recallId, memoryIds: used, space });
  }
  const [forgotten] = (await client.list.query({ limit: 1, space })).memories;
  await client.forget.mutate({ memoryIds: [forgotten!.id], space });
  if (!answered) throw new Error('no question found anything');
  return answered;
}

/** Waits until everything that was recorded is folded and embedded. */
export async function settled(client: AnimaClient): Promise<void> {
  const left = await drain(async () => {
    const { folds, embeddings } = await client.meta.metrics.query();
    return folds.lagEvents + embeddings.pending;
  });
  if (left > 0) throw new Error(`the workers do not come to an end: ${left} are left`);
}
