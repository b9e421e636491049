import { setTimeout as sleep } from 'node:timers/promises';
import { readExposition } from '../exposition.ts';
import type { Target } from '../target.ts';

/** What a server says of itself at one moment. */
export interface Reading {
  /** Since the beginning. */
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly handles: number;
  /** Files and sockets; undefined where the system does not say. */
  readonly openFiles: number | undefined;
  readonly lagEvents: number;
  readonly lagMs: number;
}

/** Reads until `isOver`. */
export async function readWhile(
  { client, url }: Target,
  everyMs: number,
  isOver: () => boolean,
): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  const startedAt = performance.now();
  while (!isOver()) {
    const { process: itself, folds } = await client.meta.metrics.query();
    const openFiles = (await readExposition(url)).sum('process_open_fds');
    const { uptimeMs: _, ...sizes } = itself;
    readings.push({ atMs: performance.now() - startedAt, ...sizes, openFiles, ...folds });
    await sleep(everyMs);
  }
  return readings;
}
