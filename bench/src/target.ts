import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnimaClient, createAnimaClient } from '@anima/client';
import { startServer } from '@anima/client/node/start-server';
import { type Command, Option } from 'commander';

const engines = ['pglite', 'postgres'] as const;

export interface TargetOptions {
  readonly url?: string;
  readonly engine: (typeof engines)[number];
  readonly databaseUrl?: string;
}

/** The server that is measured. */
export interface Target {
  readonly client: AnimaClient;
  readonly url: string;
  /** What runs there, for the record. */
  readonly description: string;
}

export function addTargetOptions(command: Command): Command {
  return addEngineOptions(command.option('--url <url>', 'measure this server instead of starting one'));
}

/** For what is measured on a server of its own only. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <name>', 'what the started server stores in').choices(engines).default('pglite'))
    .addOption(new Option('--database-url <url>', 'the database of --engine postgres').env('DATABASE_URL'));
}

/**
 * Runs `work` with the server that was named, or with one of its own, which is gone afterwards.
 *
 * @param settings environment of the own server, beside its database
 */
export async function withTarget<T>(
  options: TargetOptions,
  work: (target: Target) => Promise<T>,
  settings: NodeJS.ProcessEnv = {},
): Promise<T> {
  if (options.url !== undefined) return work(target(options.url, options.url));
  if (options.engine === 'postgres') {
    if (!options.databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
    return withOwnServer({ ...settings, DATABASE_URL: options.databaseUrl }, 'postgres', work);
  }
  await using cleanUp = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'anima-bench-'));
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
  return await withOwnServer({ ...settings, DATABASE_URL: undefined, ANIMA_DATA_DIR: folder }, 'pglite', work);
}

/** @param env of the server, over this process's; a setting that is undefined is not handed on */
export async function withOwnServer<T>(
  env: NodeJS.ProcessEnv,
  description: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const server = await startServer({ ...process.env, ...env });
  const interrupted = Promise.withResolvers<never>();
  const onSignal = () => interrupted.reject(new Error('stopped before there was a result'));
  process.once('SIGINT', onSignal);
  try {
    return await Promise.race([work(target(server.url, description)), interrupted.promise]);
  } catch (error) {
    if (server.hasEnded()) process.stderr.write(`the server ended:\n${server.lastLines().join('\n')}\n`);
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
    await server.stop();
  }
}

function target(url: string, description: string): Target {
  return { client: createAnimaClient({ url }), url, description };
}
