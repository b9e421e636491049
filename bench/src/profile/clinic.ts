import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../scripts/free-port.ts';

export const tools = ['doctor', 'flame', 'bubbleprof', 'heapprofiler'] as const;
export type Tool = (typeof tools)[number];

const clinic = fileURLToPath(import.meta.resolve('clinic/bin.js'));

/** Started, never imported: it is what is looked at. */
const serverEntry = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url));

/** A new embedded folder takes 4–9 s, and a process that is watched several times as long. */
const readyTimeoutMs = 180_000;

/** What was gathered under load takes minutes to be made a page. */
const reportTimeoutMs = 600_000;

/** A page that says something holds its scripts and data; a failure leaves next to nothing. */
const leastBytes = 50_000;

interface ClinicOptions {
  readonly tool: Tool;
  /** Folder that gets the report. */
  readonly folder: string;
  /** Environment of the server. */
  readonly env: NodeJS.ProcessEnv;
  /** Puts a load on the server. */
  readonly work: (url: string) => Promise<void>;
}

/**
 * Runs a server under one of clinic's tools until `work` is done.
 *
 * @returns the page that clinic made
 * @throws Error with what clinic said, when no report came of it
 */
export async function runClinic({ tool, folder, env, work }: ClinicOptions): Promise<string> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [clinic, tool, '--open=false', '--dest', folder, '--', process.execPath, serverEntry],
    {
      // Without NO_INSIGHT it ends silently where there is no terminal. Its own group is stopped at once, as Ctrl-C does.
      env: { ...env, NO_INSIGHT: '1', HOST: '127.0.0.1', PORT: String(port), ANIMA_ROLE: 'all' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => said.push(String(data)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, name);
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(url, () => child.exitCode !== null);
    await work(url);
    signal('SIGINT');
    const late = sleep(reportTimeoutMs, 'late' as const, { ref: false });
    if ((await Promise.race([ended, late])) === 'late') throw new Error('clinic took too long over its report');
    return await pageIn(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n${said.join('').trim()}`, { cause: error });
  } finally {
    signal('SIGKILL');
  }
}

async function ready(url: string, hasEnded: () => boolean): Promise<void> {
  const until = performance.now() + readyTimeoutMs;
  while (performance.now() < until) {
    if (hasEnded()) throw new Error('clinic ended before the server was ready');
    const isReady = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(250);
  }
  throw new Error('the server was not ready in time');
}

async function pageIn(folder: string): Promise<string> {
  const pages = (await readdir(folder)).filter((name) => name.endsWith('.html')).map((name) => join(folder, name));
  for (const page of pages) if ((await stat(page)).size >= leastBytes) return page;
  throw new Error('clinic made no report');
}
