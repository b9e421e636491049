import { setTimeout as sleep } from 'node:timers/promises';
import { driveHttp } from '../capacity/closed-loop.ts';
import { requestsOf } from '../capacity/subjects.ts';
import { together, type Window } from '../capacity/window.ts';
import { pickOperation } from '../mix/operations.ts';
import { pick, type Random } from '../random.ts';
import { settle } from '../settle.ts';
import type { Fleet } from './fleet.ts';

/** Between two looks at a backlog, ms. */
const lookMs = 50;
const longestMs = 300_000;

export interface CountPlan {
  /** Spaces, over many shards: one shard is folded by one worker at a time. */
  readonly spaces: readonly string[];
  /** Over all processes that answer. */
  readonly connections: number;
  /** Of each part, seconds. */
  readonly seconds: number;
  readonly random: Random;
  readonly nextContent: () => string;
}

/** What so many processes did. */
export interface Measured {
  /** The mix, answered while workers fold. */
  readonly mix: Window;
  /** A backlog of recalls. */
  readonly backlog: {
    /** Events, each of which is folded into each projection. */
    readonly events: number;
    readonly seconds: number;
    /** Of each worker, 0–1. */
    readonly shares: readonly number[];
  };
}

export async function measureCount(fleet: Fleet, plan: CountPlan): Promise<Measured> {
  const { random } = plan;
  const place = () => {
    const space = pick(random, plan.spaces);
    return { read: space, written: space };
  };
  const requests = requestsOf(random, plan.nextContent, place);
  // So that no process learns in what is counted.
  await drive(fleet, () => requests.query(), { ...plan, seconds: Math.min(2, plan.seconds) });
  const mix = await drive(fleet, () => requests[pickOperation(random)](), plan);
  await settle(fleet.client, 'folds', 'Folding');
  await settle(fleet.client, 'embeddings', 'Embedding');

  const before = await fleet.folded();
  fleet.holdWorkers();
  await drive(fleet, () => requests.query(), plan);
  const events = await lag(fleet);
  const startedAt = performance.now();
  fleet.releaseWorkers();
  while ((await lag(fleet)) > 0) {
    if (performance.now() - startedAt > longestMs) throw new Error('folding stands still');
    await sleep(lookMs);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const folded = (await fleet.folded()).map((count, index) => count - (before[index] ?? 0));
  const all = folded.reduce((sum, count) => sum + count, 0);
  return { mix, backlog: { events, seconds, shares: folded.map((count) => count / all) } };
}

async function lag({ client }: Fleet): Promise<number> {
  return (await client.meta.metrics.query()).folds.lagEvents;
}

/** Closed loops, the connections dealt out evenly. */
async function drive(
  { urls }: Fleet,
  next: Parameters<typeof driveHttp>[1],
  { connections, seconds }: Pick<CountPlan, 'connections' | 'seconds'>,
): Promise<Window> {
  const each = Math.max(1, Math.floor(connections / urls.length));
  const windows = await Promise.all(urls.map((url) => driveHttp(url, next, each, seconds)));
  // Beside one another, not one after the other.
  return { ...together(windows), seconds: Math.max(...windows.map((window) => window.seconds)) };
}
