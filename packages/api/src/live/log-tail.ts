import { setTimeout as sleep } from 'node:timers/promises';
import { type LogStore, type MemoryStore, readTail, type TailInput, type TailStep } from '@anima/core';

/** Between looks for what is new in a log, ms: one number is read where nothing is. */
const everyMs = 500;

export interface LogTail {
  /** What comes to a log from now on, or from a position on, until the signal or the tail ends it. */
  follow(input: TailInput, signal: AbortSignal | undefined): AsyncGenerator<TailStep>;
  /** Ends what follows: the process is going away. */
  stop(): void;
}

/** Follows the logs of spaces for those who look on. */
export function createLogTail({ store }: { readonly store: MemoryStore & LogStore }): LogTail {
  const stopping = new AbortController();
  return {
    stop: () => stopping.abort(),
    async *follow(input, signal) {
      const until = AbortSignal.any(signal ? [signal, stopping.signal] : [stopping.signal]);
      let { after } = input;
      while (!until.aborted) {
        const step = await readTail(store, { ...input, after });
        if (step) {
          yield step;
          after = step.position;
        }
        // Woken by the signal, which ends the loop.
        await sleep(everyMs, undefined, { signal: until }).catch(() => undefined);
      }
    },
  };
}
