import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import type { TestProject } from 'vitest/node';
import { chromiumPath } from './browser.ts';
import { fill, type Running, settled, startConsole, startServer } from './stage.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server that all tests share, with one filled space `talks`; each test changes spaces of its own. */
    readonly serverUrl: string;
    readonly consoleUrl: string;
  }
}

let folder: string | undefined;
let running: Running[] = [];

/** A server with real memories and its console, built once; nothing of it where there is no browser to look. */
export async function setup(project: TestProject): Promise<void> {
  if (!chromiumPath) {
    console.log('No Chromium here (CHROMIUM_PATH names one): the browser tests of the console are skipped.');
    project.provide('serverUrl', '');
    project.provide('consoleUrl', '');
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'anima-console-'));
  const server = await startServer(folder, 0);
  running = [server];
  const [site] = await Promise.all([startConsole(server.url), fill(server.url, 'talks')]);
  running.push(site);
  await settled(createAnimaClient({ url: server.url }));
  project.provide('serverUrl', server.url);
  project.provide('consoleUrl', site.url);
}

export async function teardown(): Promise<void> {
  await Promise.all(running.map((one) => one.stop()));
  if (folder) await rm(folder, { recursive: true, force: true });
}
