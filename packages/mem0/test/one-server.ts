import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@anima/client/node/start-server';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server that all tests of this package share; each works in spaces of its own. */
    readonly url: string;
  }
}

let folder: string;
let server: RunningServer;

export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'anima-mem0-'));
  server = await startServer({ ...process.env, DATABASE_URL: undefined, ANIMA_DATA_DIR: folder });
  project.provide('url', server.url);
}

export async function teardown(): Promise<void> {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
