import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Launched {
  readonly process: ChildProcess;
  /** Where it listens, once it says so; rejects when it ends before. */
  readonly ready: Promise<string>;
  /** Exit code and what it said, once it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Runs the server as its own process, as a person or a supervisor does. */
export function launch(env: Record<string, string>): Launched {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  const ready = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    void ended.then(({ stderr }) => reject(new Error(`it ended before it was ready: ${stderr}`)));
  });
  ready.catch(() => {}); // whoever waits for the end alone need not hear of this
  return { process: child, ready, ended };
}
