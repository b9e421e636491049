import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../scripts/free-port.ts';
import { findInstallation } from '../../../../scripts/postgres-installation.ts';
import { answers } from './cluster.ts';

const [, major, minor] =
  /PgBouncer (\d+)\.(\d+)/.exec(spawnSync('pgbouncer', ['--version']).stdout?.toString() ?? '') ?? [];

/** Whether this machine has one to test with. */
export const hasPgbouncer = major !== undefined;

/** Whether it knows which session has which prepared statement. */
export const knowsStatements = Number(major) > 1 || Number(minor) >= 21;

/** A PgBouncer of a test's own, in transaction mode, with fewer sessions than it has clients. */
export interface PgBouncer extends AsyncDisposable {
  /** The URL of the same database by way of it. */
  through(databaseUrl: string): string;
  /** Kills it, and with it every connection, and starts it again on the same port. */
  kill(): Promise<void>;
}

/** @param serverUrl of the server before which it stands */
export async function startPgbouncer(serverUrl: string, sessions: number): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'anima-pgbouncer-'));
  const port = await freePort();
  const through = (databaseUrl: string) => {
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    return url.href;
  };
  const settings = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '' },
    ...{ auth_type: 'trust', auth_file: join(folder, 'users') },
    // Everything else is its default: what Anima asks for is what a person finds there.
    ...{ pool_mode: 'transaction', default_pool_size: sessions, max_client_conn: 400 },
    ...(knowsStatements ? { max_prepared_statements: 200 } : {}),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const server = `* = host=${hostname} port=${serverPort || 5432}`;
  await writeFile(join(folder, 'ini'), `[databases]\n${server}\n[pgbouncer]\n${lines.join('\n')}\n`);
  await writeFile(join(folder, 'users'), `"${username}" "${decodeURIComponent(password)}"\n`);
  const installation = findInstallation();
  // It does not run as root either.
  const user = typeof installation === 'string' ? {} : installation.user;
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of ['', 'ini', 'users']) await chown(join(folder, path), user.uid, user.gid);
  }
  let running: ChildProcess;
  const start = async () => {
    running = spawn('pgbouncer', [join(folder, 'ini')], { ...user, cwd: folder, stdio: 'ignore' });
    for (const begun = Date.now(); !(await answers(through(serverUrl))); ) {
      if (running.exitCode !== null || Date.now() - begun > 20_000) throw new Error('PgBouncer does not come up');
    }
  };
  const end = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    through,
    async kill() {
      await end();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
