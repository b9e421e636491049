import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts in, for every program: `getconf CLK_TCK`. */
const ticksPerSecond = 100;

/**
 * Processor time of a PostgreSQL on this machine since it was started, ms: of all its processes, also of those that
 * have ended.
 *
 * @param backend process id of any of its connections
 * @throws Error where there is no such process: it runs elsewhere, or the system is not Linux
 */
export function processorTimeOfPostgres(backend: number): number {
  const postmaster = statOf(backend)?.parent;
  const itself = postmaster === undefined ? undefined : statOf(postmaster);
  if (postmaster === undefined || !itself) throw new Error('PostgreSQL has to run on this machine, and that on Linux');
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const children = pids.flatMap((pid) => statOf(pid) ?? []).filter(({ parent }) => parent === postmaster);
  return children.reduce((sum, { ownMs }) => sum + ownMs, itself.ownMs + itself.endedMs);
}

/** Undefined for a process that is gone. */
function statOf(pid: number) {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name before is in parentheses and may hold anything. Fields as in proc(5), the state being the third.
  const [, parent, , , , , , , , , , user, system, endedUser, endedSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ms = (ticks: number | undefined) => (1_000 * (ticks ?? 0)) / ticksPerSecond;
  return { parent, ownMs: ms(user) + ms(system), endedMs: ms(endedUser) + ms(endedSystem) };
}
