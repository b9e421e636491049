import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A new embedded folder takes 4–9 s, and several times that where every core is busy. */
const readyWithinMs = 90_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server of its own process. Disposing of it kills it, where it still runs. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where it listens; rejects with what it said when it ended before it did. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Sends the signal, and waits for the end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>;
}

/** Starts the real server on a free port; settings that are not given are its defaults. */
export function spawnServer(settings: Readonly<Record<string, string>>): ServerProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !isSetting(name));
  const child = spawn(process.execPath, [main], {
    env: { ...Object.fromEntries(inherited), LOG_LEVEL: 'warn', ...settings, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]): Ended => ({ code, signal, stdout, stderr }),
  );
  const ready = new Promise<string>((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Error('the server was not ready in time')), readyWithinMs);
    child.once('message', (message) => resolve((message as { url: string }).url));
    void ended
      .then(({ code, signal, stdout, stderr }) =>
        reject(new Error(`the server ended with ${signal ?? code} before it was ready: ${stdout}${stderr}`)),
      )
      .finally(() => clearTimeout(overdue));
    child.once('message', () => clearTimeout(overdue));
  });
  // Who kills it before it is ready knows that it will not be.
  ready.catch(() => undefined);

  const end = (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
    },
  };
}

/** Starts a server and waits until it listens. */
export async function startServer(settings: Readonly<Record<string, string>>): Promise<ServerProcess & { url: string }> {
  const server = spawnServer(settings);
  return { ...server, url: await server.ready };
}

/** Settings of whoever runs the tests must not reach the servers under test. */
function isSetting(name: string): boolean {
  return /^(ANIMA_|DATABASE_URL$|REDIS_URL$|EMBEDDING_|OLLAMA_|OPENAI_|HOST$|PORT$|LOG_LEVEL$)/.test(name);
}
