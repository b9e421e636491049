import { execFile, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { findInstallation, type Installation } from './postgres-installation.ts';

const execute = promisify(execFile);

const found = findInstallation();

/** Why no cluster can be started here; undefined where one can. */
export const missingForCluster = typeof found === 'string' ? found : undefined;

function installation(): Installation {
  if (typeof found === 'string') throw new Error(found);
  return found;
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
  const { uid, gid } = installation().user;
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  return path;
}

/** Runs a program of PostgreSQL, and answers what it printed. */
export async function runProgram(name: string, args: readonly string[]): Promise<string> {
  const { bin, user } = installation();
  const { stdout } = await execute(join(bin, name), [...args], { ...user, cwd: '/' });
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
    const { bin, user } = installation();
    const { status } = spawnSync(join(bin, 'pg_ctl'), args, { ...user, cwd: '/', stdio: 'ignore' });
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
