import { fileURLToPath } from 'node:url';
import { launch } from '../launch.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server of its own process. Disposing of it kills it, where it still runs. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where it listens; rejects when it ends before. */
  readonly ready: Promise<string>;
  /** How it ended, whoever ended it. */
  readonly ended: Promise<Ended>;
  /** Sends a signal, and waits for the end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>;
}

/** Words in a file of the source, and what stands there in another version. */
export interface OtherWords {
  readonly file: string;
  readonly words: string;
  readonly instead: string;
}

/** The settings that load a module of this folder into a server before it starts. */
export function preloaded(
  module: 'other-version' | 'shifted-clock',
  changes: readonly OtherWords[] = [],
): Readonly<Record<string, string>> {
  const path = fileURLToPath(new URL(`${module}.ts`, import.meta.url));
  return { NODE_OPTIONS: `--import=${path}`, FAULTS_OTHER_VERSION: JSON.stringify(changes) };
}

export function spawnServer(settings: Readonly<Record<string, string>>): ServerProcess {
  const { process: child, ready, ended } = launch({ LOG_LEVEL: 'warn', ...settings });
  const end = (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  const whyNot = async (): Promise<never> => {
    const { code, stdout, stderr } = await ended;
    throw new Error(`the server ended with ${child.signalCode ?? code} before it was ready: ${stdout}${stderr}`);
  };
  const listening = ready.catch(whyNot);
  // Who kills it while it starts need not hear of it.
  listening.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready: listening,
    ended,
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
    },
  };
}

/** Starts a server and waits until it listens. */
export async function startServer(
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess & { readonly url: string }> {
  const server = spawnServer(settings);
  return { ...server, url: await server.ready };
}
