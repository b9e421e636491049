import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../../scripts/free-port.ts';
import { findInstallation, type Installation } from '../../../../scripts/postgres-installation.ts';

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

/** A copy of a cluster's that follows it. */
export interface ClusterReplica extends AsyncDisposable {
  readonly url: string;
  /** Kills it; it stays away until it is started. */
  kill(): Promise<void>;
  /** Starts it, and waits until it takes connections. */
  start(): Promise<void>;
  /** It stops answering and keeps its connections, as a machine that hangs. */
  hang(): Promise<void>;
  resume(): void;
}

/** @param megabytes size of a disk of its own; without it, it lives in the folder for temporary files, and fsync means something */
export async function startCluster({ megabytes }: { readonly megabytes?: number } = {}): Promise<Cluster> {
  const { bin, user } = installation();
  const folder = await makeFolder();
  if (megabytes) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'anima-faults', folder]);
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1'];
  execFileSync(join(bin, 'initdb'), initdb, { ...user, cwd: folder, stdio: 'ignore' });
  const server = new Server(folder, await freePort());

  let isStopping = false;
  const keepUp = () => {
    server.spawn().once('exit', () => {
      if (!isStopping) setTimeout(() => !isStopping && keepUp(), restartMs);
    });
  };
  keepUp();
  await server.ready();
  const filler = join(folder, 'filler');
  return {
    url: server.url,
    async kill() {
      await server.end('SIGKILL');
      await server.ready();
    },
    async fillDisk() {
      await using file = await open(filler, 'w');
      for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) {
        while (await hasRoomFor(() => file.write(Buffer.alloc(size))));
      }
    },
    async freeDisk() {
      await rm(filler);
      await server.ready();
    },
    async [Symbol.asyncDispose]() {
      isStopping = true;
      await server.end('SIGQUIT');
      if (megabytes) execFileSync('umount', ['-l', folder]);
      await removeFolder(folder);
    },
  };
}

/** Copies a cluster as it runs, and starts the copy, which follows from then on. */
export async function startReplica(primary: Cluster): Promise<ClusterReplica> {
  const { bin, user } = installation();
  const folder = await makeFolder();
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const copy = ['-d', primary.url, '-D', join(folder, 'data'), '-R', '-c', 'fast', '-X', 'stream'];
  execFileSync(join(bin, 'pg_basebackup'), copy, { ...user, cwd: folder, stdio: 'ignore' });
  const server = new Server(folder, await freePort());
  const start = async () => {
    server.spawn();
    await server.ready();
  };
  await start();
  return {
    url: server.url,
    start,
    kill: () => server.end('SIGKILL'),
    hang: () => server.hang(),
    resume: () => server.resume(),
    async [Symbol.asyncDispose]() {
      server.resume();
      await server.end('SIGQUIT');
      await removeFolder(folder);
    },
  };
}

/** A PostgreSQL on the data of a folder. */
class Server {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #stopped: readonly number[] = [];

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  spawn(): ChildProcess {
    const { bin, user } = installation();
    const settings = {
      ...{ port: this.#port, listen_addresses: '127.0.0.1', unix_socket_directories: '' },
      ...{ shared_buffers: '64MB', max_connections: 100, min_wal_size: '2MB', max_wal_size: '16MB' },
      wal_keep_size: '32MB',
    };
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const args = ['-D', join(this.#folder, 'data'), ...given];
    const server = spawn(join(bin, 'postgres'), args, { ...user, cwd: this.#folder, stdio: 'ignore' });
    this.#process = server;
    return server;
  }

  /** Waits until it takes connections. */
  async ready(): Promise<void> {
    for (const begun = Date.now(); ; await sleep(20)) {
      if (await answers(this.url)) return;
      if (Date.now() - begun > 60_000) throw new Error('PostgreSQL does not come up again');
    }
  }

  /** With all of its sessions. */
  async hang(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity');
    this.#stopped = [this.#process?.pid ?? 0, ...rows.map(({ pid }) => pid)];
    for (const pid of this.#stopped) process.kill(pid, 'SIGSTOP');
    void client.end();
  }

  resume(): void {
    for (const pid of this.#stopped) process.kill(pid, 'SIGCONT');
    this.#stopped = [];
  }

  async end(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    const server = this.#process;
    if (!server || !this.#isRunning()) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  }

  #isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }
}

function installation(): Installation {
  const found = findInstallation();
  if (typeof found === 'string') throw new Error(found);
  return found;
}

function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'anima-cluster-'));
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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
