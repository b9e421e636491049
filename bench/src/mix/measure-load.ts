import { startProgress } from '@anima/client/node/progress';
import { type LoadOptions, runLoad } from './load.ts';
import { type OperationResult, Recorder } from './recorder.ts';

export interface Measured {
  readonly requestsPerSecond: number;
  readonly operations: readonly OperationResult[];
  /** Of all operations together, ms. */
  readonly p95: number;
}

/** Puts a load on a server and measures it, after a time that does not count. */
export async function measureLoad(
  label: string,
  load: Omit<LoadOptions, 'onSecond'>,
  warmUpMs: number,
): Promise<Measured> {
  const { users, durationMs, seed } = load;
  if (warmUpMs > 0) await runLoad(new Recorder(), { ...load, durationMs: warmUpMs });
  const recorder = new Recorder();
  const bar = startProgress(label, durationMs);
  const startedAt = performance.now();
  const onSecond = (elapsedMs: number) => bar.update(elapsedMs, `${load.usersAt?.(elapsedMs) ?? users} users`);
  await runLoad(recorder, { ...load, seed: seed + users, onSecond });
  const seconds = (performance.now() - startedAt) / 1_000;
  bar.stop();
  const operations = recorder.results();
  const answered = operations.reduce((sum, { count }) => sum + count, 0);
  return { requestsPerSecond: answered / seconds, operations, p95: recorder.overall().at(95) };
}
