import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where the programs of the newest PostgreSQL of this machine are; undefined where there is none. */
export const postgresPrograms = globSync('/usr/lib/postgresql/*/bin')
  .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  .findLast((folder) => existsSync(join(folder, 'initdb')));

/** PostgreSQL refuses to run as root: then its programs run as the user that its package made. */
const asUser = process.getuid?.() === 0 ? { uid: idOfPostgres('-u'), gid: idOfPostgres('-g') } : {};

function idOfPostgres(which: string): number {
  return Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
}

/** A folder that the user of PostgreSQL may write to. */
export function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return handOver(folder);
}

/** An empty file of that user. */
export function makeFile(file: string): string {
  writeFileSync(file, '');
  return handOver(file);
}

function handOver(path: string): string {
  if (asUser.uid !== undefined) chownSync(path, asUser.uid, asUser.gid);
  return path;
}

/** Runs a program of PostgreSQL, and answers what it printed. */
export async function runProgram(name: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(join(postgresPrograms ?? '', name), [...args], { ...asUser, cwd: '/' });
  return stdout.trim();
}

/** A cluster of its own, apart from all others of the machine. */
export class PostgresCluster {
  readonly #data: string;
  readonly #port: number;

  private constructor(data: string, port: number) {
    this.#data = data;
    this.#port = port;
  }

  /**
   * Starts what is in a data folder. Resolves when it accepts connections, which is when it has recovered as far as it
   * needs to.
   */
  static async start(data: string, settings: Readonly<Record<string, string>> = {}): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(data, await freePort());
    const all = {
      port: String(cluster.#port),
      ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '', shared_buffers: '64MB' },
      ...settings,
    };
    const options = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
    const log = join(data, 'server.log');
    const args = ['-D', data, '-w', '-t', '60', '-l', log, '-o', options.join(' '), 'start'];
    // Its output would stay open as long as the server runs.
    const { status } = spawnSync(join(postgresPrograms ?? '', 'pg_ctl'), args, {
      ...asUser,
      cwd: '/',
      stdio: 'ignore',
    });
    if (status !== 0) throw new Error(`PostgreSQL did not start: see ${log}`);
    return cluster;
  }

  url(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/${database}`;
  }

  /** What a statement answers, without any decoration. */
  query(database: string, statement: string): Promise<string> {
    return runProgram('psql', ['-XAtq', '-d', this.url(database), '-c', statement]);
  }

  /** @param mode `immediate` is as a crash: nothing is written any more */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await runProgram('pg_ctl', ['-D', this.#data, '-m', mode, '-w', 'stop']);
  }
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().on('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}
