import type { Engine } from '../engine/engine.ts';
import { missingSessionSettings } from '../engine/session-settings.ts';
import { type Found, ok, warning } from './look.ts';

/** What a pooler keeps from them, if anything. */
export async function lookAtSessions({ db, kind, isPooled }: Engine): Promise<Found> {
  if (kind === 'pglite') return ok('one, of this process');
  const missing = await missingSessionSettings(db);
  const way = isPooled ? 'by a pooler, and past it where one is needed alone' : 'straight to the server';
  if (missing.length === 0) return ok(`${way}, with the settings that they need`);
  return warning(
    `${way}; they lack ${missing.join(', ')}`,
    isPooled
      ? 'Both URLs need the same login, whose settings these are. Let the pooler open its sessions anew (RECONNECT).'
      : 'A pooler that drops "options" needs DATABASE_DIRECT_URL beside it.',
  );
}

export async function lookAtReplica({ replica }: Engine): Promise<Found> {
  if (!replica) return ok('none: every read is of this database');
  const { isUsed, lagMs, boundMs, problem } = replica.gauges();
  const bound = `at most ${inSeconds(boundMs)} are allowed`;
  const state = lagMs === null ? 'never seen to follow' : `${inSeconds(lagMs)} behind at most`;
  if (isUsed) return ok(`${state}, where ${bound}: lists, bootstraps and surveys come from it`);
  return warning(
    `${problem ?? state}; ${bound}, so the primary answers`,
    'See pg_stat_replication on the primary, and DATABASE_READ_URL.',
  );
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
