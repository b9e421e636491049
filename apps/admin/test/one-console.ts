import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import type { TestProject } from 'vitest/node';
import { chromiumPath } from './browser.ts';
import { startModel } from './model.ts';
import { gateReport, reportOf } from './reports.ts';
import { fill, settled, startConsole, startServer } from './stage.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server that all tests share, with one filled space `talks`; each test changes spaces of its own. */
    readonly serverUrl: string;
    readonly consoleUrl: string;
    /** The model that the server reaches as `ollama`; the one of its spaces is its own. */
    readonly modelUrl: string;
    /** Something that `talks` has an answer to. */
    readonly question: string;
  }
}

/** Enough for more than a page of everything; each costs a core 40 ms of the model. */
const memories = 150;

const toStop: (() => unknown)[] = [];

/** A server with real memories and its console, built once; nothing of it where there is no browser to look. */
export async function setup(project: TestProject): Promise<void> {
  if (!chromiumPath) {
    console.log('No Chromium here (CHROMIUM_PATH names one): the browser tests of the console are skipped.');
    for (const name of ['serverUrl', 'consoleUrl', 'modelUrl', 'question'] as const) project.provide(name, '');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'anima-console-'));
  toStop.push(() => rm(folder, { recursive: true, force: true }));
  const model = await startModel();
  toStop.push(() => model.close());
  const server = await startServer(folder, { OLLAMA_URL: model.url });
  toStop.push(() => server.stop());
  const site = startConsole(server.url).then((running) => {
    toStop.push(() => running.stop());
    return running;
  });
  const [{ url }, question] = await Promise.all([site, fill(server.url, 'talks', { memories })]);
  const client = createAnimaClient({ url: server.url });
  for (const report of [gateReport(1), reportOf('journey', 1, 200, 'a run')])
    await client.bench.record.mutate({ report });
  await settled(client);
  project.provide('serverUrl', server.url);
  project.provide('consoleUrl', url);
  project.provide('modelUrl', model.url);
  project.provide('question', question);
}

/** What was started last stops first. */
export async function teardown(): Promise<void> {
  for (const stop of toStop.reverse()) await stop();
}
