import type { Log, StoreOperations } from '@anima/core';
import { loggableError } from './loggable-error.ts';

/** A database that is slower than this is not ready to serve, ms. */
const patienceMs = 2_000;

/** Whether requests should be sent to this process. */
export interface Readiness {
  /** From now on the answer is no: the process is going away. */
  drain(): void;
  readonly isDraining: boolean;
  /** Undefined when ready, else why not. */
  unready(): Promise<string | undefined>;
}

export function createReadiness(store: Pick<StoreOperations, 'ping'>, log: Log): Readiness {
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    drain() {
      isDraining = true;
    },
    async unready() {
      if (isDraining) return 'shutting down';
      try {
        await withinPatience(store.ping());
        return undefined;
      } catch (error) {
        log.warn({ err: loggableError(error) }, 'not ready: the database does not answer');
        return 'the database does not answer';
      }
    },
  };
}

async function withinPatience(ping: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const outOfPatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([ping, outOfPatience]);
  } finally {
    clearTimeout(timer);
  }
}
