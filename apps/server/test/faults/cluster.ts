import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../../scripts/free-port.ts';
import { findInstallation } from '../../../../scripts/postgres-installation.ts';

/** Between the end of a server and its next start, ms. */
const restartMs = 200;

/** A PostgreSQL of a test's own: it may be killed or run out of disk, and is started again as a supervisor would. */
export interface Cluster extends AsyncDisposable {
  /** Of a superuser. */
  readonly url: string;
  /** Kills the server, and with it every session. Resolves when it takes connections again. */
  kill(): Promise<void>;
  /** Takes what is left of its disk. */
  fillDisk(): Promise<void>;
  /** Gives it back, and waits until the server takes connections. */
  freeDisk(): Promise<void>;
}

/** What the machine lacks for a cluster of its own; undefined when nothing. */
export function missingForCluster({ ownDisk = false } = {}): string | undefined {
  const found = findInstallation();
  if (typeof found === 'string') return found;
  if (!ownDisk) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'anima-mount-'));
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'anima-faults', folder]).status === 0;
  if (isMounted) execFileSync('umount', [folder]);
  rmdirSync(folder);
  return isMounted ? undefined : 'nothing may be mounted here, so that there is no small disk to fill';
}

/** @param megabytes size of a disk of its own; without it, it lives in the folder for temporary files, and fsync means something */
export async function startCluster({ megabytes }: { readonly megabytes?: number } = {}): Promise<Cluster> {
  const found = findInstallation();
  if (typeof found === 'string') throw new Error(found);
  const { bin, user } = found;
  const folder = await mkdtemp(join(tmpdir(), 'anima-cluster-'));
  if (megabytes) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'anima-faults', folder]);
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1'];
  execFileSync(join(bin, 'initdb'), initdb, { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    ...{ port, listen_addresses: '127.0.0.1', unix_socket_directories: '' },
    ...{ shared_buffers: '64MB', max_connections: 100, min_wal_size: '2MB', max_wal_size: '16MB' },
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];

  let isStopping = false;
  let server: ChildProcess;
  const keepUp = () => {
    server = spawn(join(bin, 'postgres'), args, { ...user, cwd: folder, stdio: 'ignore' });
    server.once('exit', () => {
      if (!isStopping) setTimeout(() => !isStopping && keepUp(), restartMs);
    });
  };
  const ready = async () => {
    for (const begun = Date.now(); ; await sleep(20)) {
      if (await answers(url)) return;
      if (Date.now() - begun > 60_000) throw new Error('PostgreSQL does not come up again');
    }
  };
  keepUp();
  await ready();
  const filler = join(folder, 'filler');
  return {
    url,
    async kill() {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
      await ready();
    },
    async fillDisk() {
      await using file = await open(filler, 'w');
      for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) {
        while (await hasRoomFor(() => file.write(Buffer.alloc(size))));
      }
    },
    async freeDisk() {
      await rm(filler);
      await ready();
    },
    async [Symbol.asyncDispose]() {
      isStopping = true;
      if (server.exitCode === null && server.signalCode === null) {
        const gone = once(server, 'exit');
        server.kill('SIGQUIT');
        await gone;
      }
      if (megabytes) execFileSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function hasRoomFor(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

/** Whether something that speaks as PostgreSQL does takes connections there. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
