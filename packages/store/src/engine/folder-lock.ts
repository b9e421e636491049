import { closeSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AnimaError } from '@anima/core';

interface Holder {
  readonly pid: number;
  /** When that process started, in the kernel's clock ticks; tells a reused pid from the holder. Null where unknown. */
  readonly startedAt: string | null;
}

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
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (createLock(path)) return () => unlinkSync(path);
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      throw new AnimaError(
        'CONFLICT',
        `the folder ${folder} is held by process ${holder.pid}: use that server, stop it, or set another ANIMA_DATA_DIR`,
      );
    }
    removeStale(path, holder);
  }
  throw new AnimaError('CONFLICT', `the folder ${folder} is being opened by several processes at once: try again`);
}

function createLock(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  writeSync(file, JSON.stringify({ pid: process.pid, startedAt: startTime(process.pid) } satisfies Holder));
  closeSync(file);
  return true;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    // Gone in the meantime, or its writer died between creating and filling it.
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
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

/** Moves the stale file away first: of several processes that found it, one wins the rename and the others retry. */
function removeStale(path: string, seen: Holder | undefined): void {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && moved.pid !== seen?.pid && isAlive(moved)) {
    renameSync(aside, path);
    return;
  }
  unlinkSync(aside);
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
