import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { readEnv } from '../src/env.ts';
import { type RunningServer, startServer } from '../src/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the whole server listens: real store in memory, builtin model, workers. */
    url: string;
  }
}

let server: RunningServer;

/** One server for all endpoint tests; each keeps to spaces of its own. */
export async function setup(project: TestProject): Promise<void> {
  const source = { ANIMA_DATA_DIR: 'memory://', PORT: '0' };
  server = await startServer(readEnv(source), pino({ level: 'error' }, pino.destination(2)), source);
  project.provide('url', server.url);
}

export async function teardown(): Promise<void> {
  await server.close();
}
