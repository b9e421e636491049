import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Env } from './env.ts';

/** The console of this repository. It is started, never imported: it knows the server by its API alone. */
const consoleEntry = fileURLToPath(new URL('../../admin/serve/main.ts', import.meta.url));

/** How long it may take to end when it is told to, ms. */
const patienceMs = 5_000;

type Message =
  | { readonly type: 'says'; readonly words: string }
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'failed'; readonly reason: string };

export interface RunningConsole {
  close(): Promise<void>;
}

/**
 * Serves the console beside the server, as a process of its own that ends with this one. That it cannot be served, or
 * ends, is said; the server does without.
 *
 * @param environment what the console's process gets besides
 * @param url where the server listens
 * @param say hears what a person should know
 */
export function startConsole(
  env: Pick<Env, 'ADMIN_PORT' | 'ADMIN_HOST' | 'ANIMA_AUTH'>,
  environment: NodeJS.ProcessEnv,
  url: string,
  say: (words: string) => void,
): RunningConsole {
  const child = spawn(process.execPath, [consoleEntry], {
    env: {
      ...environment,
      ...{ ADMIN_PORT: String(env.ADMIN_PORT), ADMIN_HOST: env.ADMIN_HOST, ANIMA_AUTH: env.ANIMA_AUTH, ANIMA_URL: url },
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  let isClosing = false;
  let hasExplained = false;
  child.on('message', (message: Message) => {
    if (message.type === 'says') say(message.words);
    else if (message.type === 'ready') say(`The console is at ${message.url}`);
    else {
      hasExplained = true;
      say(`The console is not served: ${explain(message.reason, env)}`);
    }
  });
  child.on('error', (error) => say(`The console is not served: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (!isClosing && !hasExplained) say(`The console ended (${signal ?? `exit code ${code}`}); the server goes on.`);
  });
  return {
    async close() {
      isClosing = true;
      await stop(child, ended);
    },
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended.finally(() => clearTimeout(impatience));
}

function explain(reason: string, { ADMIN_PORT }: Pick<Env, 'ADMIN_PORT'>): string {
  if (!reason.includes('EADDRINUSE')) return reason;
  return `ADMIN_PORT ${ADMIN_PORT} is in use; stop what listens there, set another one, or ANIMA_CONSOLE=off`;
}
