import { startScratchServer } from '@anima/client/node/scratch-server';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server that all tests of this package share; each works in spaces of its own. */
    readonly url: string;
  }
}

let stop: () => Promise<void>;

export async function setup(project: TestProject): Promise<void> {
  const server = await startScratchServer(process.env);
  ({ stop } = server);
  project.provide('url', server.url);
}

export const teardown = (): Promise<void> => stop();
