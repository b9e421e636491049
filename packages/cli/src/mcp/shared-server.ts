import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningServer, ServerStartError, startServer } from '@anima/client/node/start-server';
import { isServed, localPort, localUrl } from '../connection.ts';
import { dimAside } from '../output/colours.ts';

/** Another process may be starting the server, or stopping one on the same folder: how long that may take, ms. */
const patienceMs = 45_000;
const pollMs = 250;
/** How often a start is tried while another process has what it needs, ms. */
const restartMs = 4_000;

/** The server that all clients on this machine share. */
export interface SharedServer {
  /** Where it answers: found, or started here where nobody else has. */
  url(): Promise<string>;
  /** It did not answer: it is looked for again the next time. */
  lost(): void;
  /** Stops it, if it was started here; clients that are left start another one. */
  close(): Promise<void>;
}

/** @param named the server that the person named; it must answer, and none is started */
export function openSharedServer(named: string | undefined): SharedServer {
  if (named !== undefined) return { url: async () => named, lost: () => undefined, close: async () => undefined };
  let finding: Promise<string> | undefined;
  let own: RunningServer | undefined;

  const find = async (): Promise<string> => {
    const url = localUrl();
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (await isServed(url)) return url;
      try {
        // On the port where others look for it, so that they share it.
        own = await startServer(process.env, localPort());
        process.stderr.write(`${dimAside(`No server at ${url}: started one for all clients of this machine.`)}\n`);
        return own.url;
      } catch (error) {
        if (!(error instanceof ServerStartError)) throw error;
        if (await isServedWithin(url, restartMs)) return url;
        if (performance.now() > deadline) throw error;
      }
    }
  };
  return {
    url() {
      finding ??= find().catch((error: unknown) => {
        finding = undefined;
        throw error;
      });
      return finding;
    },
    lost() {
      finding = undefined;
    },
    async close() {
      await finding?.catch(() => undefined);
      await own?.stop();
    },
  };
}

async function isServedWithin(url: string, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (performance.now() < deadline) {
    if (await isServed(url)) return true;
    await sleep(pollMs);
  }
  return false;
}
