import type { TestProject } from 'vitest/node';
import { hasRedis, RedisProcess } from './redis-process.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis that these tests may empty; null where there is none. */
    redis: string | null;
  }
}

let started: RedisProcess | undefined;

/** The one that is given (`npm run test:containers` gives one in a container), or one of this machine. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env.ANIMA_TEST_REDIS_URL;
  if (given === undefined && hasRedis) started = await RedisProcess.start();
  project.provide('redis', given ?? started?.url ?? null);
}

export async function teardown(): Promise<void> {
  await started?.kill();
}
