import { EventEmitter, on } from 'node:events';
import type { CacheStats, Log, StoreGauges, StoreOperations } from '@anima/core';
import { loggableError } from '../loggable-error.ts';
import type { Meter } from '../meter.ts';
import type { LiveSample, LiveStep } from './live-sample.ts';

const everyMs = 2_000;
/** A quarter of an hour, so that a page that has just been opened has curves to show. */
const kept = 450;
/** While nobody looks on, the database is asked at every so many samples only. */
const askedRarely = 5;

export interface LiveSampler {
  start(): void;
  /** Takes no more samples, and ends what follows: the process is going away. */
  stop(): void;
  /** What was, then what comes, until the signal or the sampler ends it. */
  follow(signal: AbortSignal | undefined): AsyncGenerator<LiveStep>;
}

/** Takes a sample of the service every two seconds, and keeps those of the last quarter of an hour. */
export function createLiveSampler(parts: {
  readonly store: Pick<StoreOperations, 'gauges'>;
  readonly embedder: { cacheStats(): CacheStats };
  readonly meter: Meter;
  readonly log: Log;
}): LiveSampler {
  const { store, embedder, meter, log } = parts;
  const samples: LiveSample[] = [];
  const emitter = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;
  let takenAt = performance.now();
  let cacheBefore = embedder.cacheStats();
  let database: LiveSample['database'] = null;
  let isAsking = false;

  /** Beside the samples: a database that is slow to answer does not hold them up. */
  const askDatabase = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      database = databaseOf(await store.gauges());
    } catch (error) {
      database = null;
      log.debug({ err: loggableError(error) }, 'the gauges of the database could not be read');
    } finally {
      isAsking = false;
    }
  };
  const take = () => {
    if (turn % askedRarely === 0 || emitter.listenerCount('sample') > 0) void askDatabase();
    turn += 1;
    const { hits, misses, size, maxSize } = embedder.cacheStats();
    const now = performance.now();
    const sample = {
      at: Date.now(),
      ms: Math.round(now - takenAt),
      ...meter.takeInterval(),
      cache: { hits: hits - cacheBefore.hits, misses: misses - cacheBefore.misses, size, maxSize },
      database,
    };
    takenAt = now;
    cacheBefore = { ...cacheBefore, hits, misses };
    samples.push(sample);
    if (samples.length > kept) samples.shift();
    emitter.emit('sample', sample);
  };
  return {
    start() {
      timer = setInterval(take, everyMs).unref();
    },
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
    async *follow(signal) {
      const until = AbortSignal.any(signal ? [signal, stopping.signal] : [stopping.signal]);
      // Before the first step is read: what is taken meanwhile waits.
      const coming = on(emitter, 'sample', { signal: until }) as AsyncIterable<[LiveSample]>;
      yield { type: 'history', samples: [...samples], everyMs };
      for await (const [sample] of coming) yield { type: 'sample', sample };
    },
  };
}

function databaseOf({ pool, folds, pendingEmbeddings, jobs }: StoreGauges): LiveSample['database'] {
  return { pool, folds, pendingEmbeddings, jobs };
}
