import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The server of this workspace. It is started, never imported: a client knows the API and nothing behind it. */
const serverEntry = fileURLToPath(new URL('../../../../apps/server/src/main.ts', import.meta.url));

/** How long a server may take to become ready: a new embedded folder is initialised in 4–9 s. */
const readyTimeoutMs = 120_000;
/** How long a server may take to finish its requests and close its database. */
const stopTimeoutMs = 30_000;
const keptLines = 20;

/** A server that runs as a child of this process. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** The last lines it logged and printed: what there is to say when it ends unasked. */
  lastLines(): readonly string[];
  /** Whether it has ended, asked or not. */
  hasEnded(): boolean;
  /**
   * Lets it finish what it began and close its folder.
   *
   * @throws Error when it had to be killed because it did not end within 30 s
   */
  stop(): Promise<void>;
}

/** The server ended, or said nothing, before it was ready. The message is what it said. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}

/**
 * Starts a server of one's own on a port of the loopback interface.
 *
 * It gets a process group of its own, so that a Ctrl-C in the terminal reaches the caller alone, who
 * then stops it in order; should the caller die, the closed channel tells the server to end.
 *
 * @param env the server's whole environment (`ANIMA_DATA_DIR`, `DATABASE_URL`, …)
 * @param port where others are to find it; any free one where that is nobody's concern
 * @param role one that answers or works only needs a database that others use too
 * @throws ServerStartError with what the server said, such as who holds the data folder
 */
export async function startServer(
  env: NodeJS.ProcessEnv,
  port = 0,
  role: 'all' | 'api' | 'worker' = 'all',
): Promise<RunningServer> {
  const child = spawn(process.execPath, [serverEntry], {
    env: {
      LOG_LEVEL: 'warn',
      ...env,
      HOST: '127.0.0.1',
      ADMIN_HOST: '127.0.0.1',
      PORT: String(port),
      ANIMA_ROLE: role,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const logged = keepLastLines(child.stdout);
  const said = keepLastLines(child.stderr);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const url = await ready(child, ended, () => (said.length > 0 ? said : logged).join('\n'));
  return {
    url,
    pid: child.pid ?? 0,
    lastLines: () => [...logged, ...said],
    hasEnded: () => hasEnded,
    stop: () => stop(child, ended),
  };
}

async function ready(child: ChildProcess, ended: Promise<void>, words: () => string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const failure = (otherwise: string) => new ServerStartError(words() || otherwise);
  try {
    return await Promise.race([
      new Promise<string>((resolve, reject) => {
        child.on('message', (message) => {
          if (isReady(message)) resolve(message.url);
        });
        child.once('error', (cause) =>
          reject(new ServerStartError(`the server could not be started: ${cause.message}`)),
        );
      }),
      ended.then(() => Promise.reject(failure(`the server ended with code ${child.exitCode ?? child.signalCode}`))),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          child.kill('SIGKILL');
          reject(failure(`the server was not ready within ${readyTimeoutMs / 1_000} s`));
        }, readyTimeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function isReady(message: unknown): message is { readonly type: 'ready'; readonly url: string } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'ready' &&
    'url' in message &&
    typeof message.url === 'string'
  );
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not end within ${stopTimeoutMs / 1_000} s and was killed`));
    }, stopTimeoutMs);
  });
  try {
    await Promise.race([ended, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last lines of what a child prints, in an array that goes on changing. */
function keepLastLines(input: Readable | null): readonly string[] {
  const lines: string[] = [];
  if (!input) return lines;
  createInterface({ input }).on('line', (line) => {
    if (line.trim() === '') return;
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
  });
  return lines;
}
