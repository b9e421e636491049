import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnimaError } from '@anima/core';

interface Holder {
  readonly pid: number;
  /** When that process started, in the kernel's clock ticks; tells a reused pid from the holder. Null where unknown. */
  readonly startedAt: string | null;
}

/** How often a lock that others fight for is looked at, and the time between. */
const looks = 50;
const pauseMs = 10;

/**
 * Takes the folder for this process. PGlite takes no lock of its own, and two processes on one folder
 * lose rows. The lock names its holder and holds for as long as that process lives: a crash leaves a
 * file behind that the next process recognises as stale.
 *
 * @returns a function that gives the folder back
 * @throws AnimaError `CONFLICT` naming the holder
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  for (let look = 0; look < looks; look += 1) {
    if (createLock(path)) return () => unlinkSync(path);
    const seen = readLock(path);
    const holder = livingHolder(seen);
    if (holder) {
      throw new AnimaError(
        'CONFLICT',
        `the folder ${folder} is held by process ${holder.pid}: use that server, stop it, or set another ANIMA_DATA_DIR`,
      );
    }
    if (seen !== undefined) removeStale(path, seen);
    pause(pauseMs);
  }
  throw new AnimaError('CONFLICT', `the folder ${folder} is being opened by several processes at once: try again`);
}

/** A lock is linked into its place when it is complete: one that names nobody was cut off by a loss of power. */
function createLock(path: string): boolean {
  const complete = `${path}.${process.pid}`;
  writeFileSync(complete, JSON.stringify({ pid: process.pid, startedAt: startTime(process.pid) } satisfies Holder));
  try {
    linkSync(complete, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(complete);
  }
}

/** What a lock says; undefined when there is none. */
function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Who holds a lock that says this; nobody when that process is gone, or the lock names none. */
function livingHolder(lock: string | undefined): Holder | undefined {
  if (lock === undefined) return undefined;
  try {
    const holder = JSON.parse(lock) as Holder;
    return isAlive(holder) ? holder : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  return startedAt === null || startTime(pid) === startedAt;
}

/**
 * Removes a lock that was seen to be stale, if it is that one still. One process at a time may do so, and
 * nobody else removes another's lock: so what was looked at is what is removed, never the new lock of a
 * process that was faster.
 */
function removeStale(path: string, seen: string): void {
  const takeover = `${path}.takeover`;
  if (!createLock(takeover)) {
    const other = readLock(takeover);
    if (other !== undefined && !livingHolder(other)) rmSync(takeover, { force: true }); // It died in the middle of this.
    return;
  }
  try {
    // A lock that is gone by now must not be removed: the next one may be there before that is done.
    if (readLock(path) === seen) rmSync(path);
  } finally {
    rmSync(takeover, { force: true });
  }
}

/** Waits without letting go of the thread: the caller has nothing else to do before it has its folder. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function startTime(pid: number): string | null {
  try {
    // Field 22 of /proc/PID/stat; the command in field 2 may hold spaces, so count from its closing bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // Not Linux, or the process is gone: then the pid alone must do.
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
