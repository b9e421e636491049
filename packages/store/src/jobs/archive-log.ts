import { AnimaError, type ArchiveStep } from '@anima/core';
import type { WorkerContext } from './worker-context.ts';

/** After a start, so that what it left behind is folded, and between two runs. */
const firstMs = 60_000;
const everyMs = 3_600_000;

/**
 * Moves old events to the archive, every hour; one process of all does.
 *
 * @returns a function that ends it, after the piece in hand
 */
export function scheduleArchive(
  { log, isStopping }: Pick<WorkerContext, 'log' | 'isStopping'>,
  archiveLog: () => AsyncIterable<ArchiveStep>,
): () => void {
  const run = async () => {
    try {
      for await (const step of archiveLog()) {
        if (step.type === 'report' && step.report.events > 0) log.info({ ...step.report }, 'old events were archived');
        if (isStopping()) return;
      }
    } catch (error) {
      const isElsewhere = error instanceof AnimaError && error.message.includes('already');
      if (!isElsewhere) log.error({ err: error }, 'the log could not be archived');
    }
    timer = setTimeout(run, everyMs);
  };
  let timer = setTimeout(run, firstMs);
  return () => clearTimeout(timer);
}
