import { type AnimaClient, createAnimaClient } from '@anima/client';
import { type RunningServer, startServer } from '@anima/client/node/start-server';
import { z } from 'zod';
import { CliError } from './failure.ts';
import { dimAside } from './output/colours.ts';

const defaultPort = 7100;
/** How long the default server may take to say that it is there, ms. */
const probeTimeoutMs = 5_000;

const health = z.object({ status: z.literal('ok'), version: z.string() });

export interface Connection {
  readonly client: AnimaClient;
  readonly url: string;
  /** Whether the server was started for this command alone. */
  readonly isEmbedded: boolean;
}

export interface ConnectionOptions {
  /** The server that the person named; it must answer. */
  readonly url?: string | undefined;
  /** Nothing but the result is printed. */
  readonly isQuiet: boolean;
  /** Works on the database by a server of its own that asks nobody for a key, whatever else runs. */
  readonly onDatabase?: boolean | undefined;
}

/** The port that a server of this machine listens on, by the setting that it reads itself. */
export function localPort(): number {
  const { PORT = '' } = process.env;
  return /^[1-9]\d{0,4}$/.test(PORT) ? Number(PORT) : defaultPort;
}

export const localUrl = () => `http://127.0.0.1:${localPort()}`;

/**
 * Runs `work` with a server: the one that was named; else the local one if it answers; else one that
 * opens the embedded folder for the time of this command.
 */
export async function withServer<T>(
  options: ConnectionOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const url = options.url ?? localUrl();
  if (!options.onDatabase && (options.url !== undefined || (await isServed(url)))) return work(connection(url, false));
  const server = await startServer(options.onDatabase ? { ...process.env, ANIMA_AUTH: 'off' } : process.env);
  if (!options.isQuiet && !options.onDatabase) {
    process.stderr.write(`${dimAside(`No server at ${url}: started an embedded server for this command.`)}\n`);
  }
  try {
    return await work(connection(server.url, true));
  } catch (error) {
    throw server.hasEnded() ? endedUnasked(server) : error;
  } finally {
    await server.stop();
  }
}

function connection(url: string, isEmbedded: boolean): Connection {
  const apiKey = process.env.ANIMA_API_KEY;
  return { client: createAnimaClient(apiKey ? { url, apiKey } : { url }), url, isEmbedded };
}

/** Whether an Anima server answers there. Anything else that does is an error: it is not to be worked around. */
export async function isServed(url: string): Promise<boolean> {
  let answer: unknown;
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(probeTimeoutMs) });
    answer = await response.json();
  } catch (error) {
    if (isRefused(error)) return false;
    answer = undefined;
  }
  if (health.safeParse(answer).success) return true;
  throw new CliError('UNAVAILABLE', `something listens at ${url}, but it does not answer as an Anima server does`, {
    hint: 'Name the server with --url or ANIMA_URL.',
  });
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return false;
  return 'code' in error.cause && error.cause.code === 'ECONNREFUSED';
}

function endedUnasked(server: RunningServer): CliError {
  return new CliError('UNAVAILABLE', ['the embedded server ended by itself', ...server.lastLines()].join('\n'));
}
