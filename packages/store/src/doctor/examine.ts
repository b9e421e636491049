import type { Finding } from '@anima/core';
import type { LogArchive } from '../archive/log-archive.ts';
import type { Engine } from '../engine/engine.ts';
import { type DatabaseGauges, readGauges } from '../gauges.ts';
import type { Models } from '../models.ts';
import { type Found, failure, type Look } from './look.ts';
import { lookAtArchive } from './look-at-archive.ts';
import { lookAtClock, lookAtDisk, lookAtEngine, lookAtExtensions, lookAtLock, lookAtPool } from './look-at-engine.ts';
import { lookAtReplica, lookAtSessions } from './look-at-many.ts';
import { lookAtNodes } from './look-at-nodes.ts';
import { lookAtLog, lookAtModels, lookAtPlans, lookAtSchema } from './look-at-schema.ts';
import { lookAtEmbeddings, lookAtFolds, lookAtQueue } from './look-at-work.ts';

const looks: Readonly<Record<string, Look>> = {
  engine: lookAtEngine,
  nodes: lookAtNodes,
  extensions: lookAtExtensions,
  schema: lookAtSchema,
  log: lookAtLog,
  archive: lookAtArchive,
  plans: lookAtPlans,
  folds: lookAtFolds,
  embeddings: lookAtEmbeddings,
  models: lookAtModels,
  queue: lookAtQueue,
  pool: lookAtPool,
  sessions: lookAtSessions,
  replica: lookAtReplica,
  clock: lookAtClock,
  disk: lookAtDisk,
  lock: lookAtLock,
};

/** Looks at all that a database of memories needs to be well. Changes nothing; a look that fails is a finding. */
export async function examine(engine: Engine, models: Models, archive: LogArchive): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let reading: Promise<DatabaseGauges> | undefined;
  const gauges = () => {
    reading ??= readGauges(engine, models);
    return reading;
  };
  for (const [subject, look] of Object.entries(looks)) {
    findings.push({ subject, ...(await look(engine, models, gauges, archive).catch(failed)) });
  }
  return findings;
}

function failed(error: unknown): Found {
  const message = error instanceof Error ? error.message : String(error);
  return failure(`could not be looked at: ${message}`, "See the server's log.");
}
