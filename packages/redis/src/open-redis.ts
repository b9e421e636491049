import { hash } from 'node:crypto';
import type { Counted, Finding, Log, QueryVectors, SharedRedis } from '@anima/core';
import { RedisConnection } from './connection.ts';
import { RedisQueryVectors } from './query-vectors.ts';

/** How long a count is waited for: a request waits with it. Ms. */
const countPatienceMs = 50;
/** How long a look at it may take, ms. */
const lookPatienceMs = 500;
/** What an answer takes on the same network, and far more, ms. */
const slowMs = 5;

export interface RedisOptions {
  readonly url: string;
  /** What vectors of queries are looked up in where Redis does not have them. */
  readonly vectorsBehind: QueryVectors;
  readonly log: Log;
}

export interface OpenRedis extends SharedRedis {
  readonly queryVectors: QueryVectors;
  close(): void;
}

/** Connects in the background, for as long as it takes and whenever it is needed: whether Redis is there or not. */
export function openRedis({ url, vectorsBehind, log }: RedisOptions): OpenRedis {
  const connection = new RedisConnection(url, log, () => void queryVectors.sweep());
  const queryVectors = new RedisQueryVectors(connection, vectorsBehind);
  return {
    queryVectors,
    async count(name, windowMs) {
      const key = `anima:count:${hash('sha256', name, 'base64url')}`;
      return counted(await connection.run((redis) => redis.countOne(key, windowMs), countPatienceMs));
    },
    reading: () => ({
      isUp: connection.isUp,
      hits: queryVectors.hits,
      misses: queryVectors.misses,
      failures: connection.failures,
    }),
    examine: () => examine(connection),
    close: () => connection.close(),
  };
}

/** @throws Error for what is not two numbers */
function counted(answer: unknown): Counted {
  const [count, remainingMs] = Array.isArray(answer) ? (answer as unknown[]) : [];
  if (!isCount(count) || !isCount(remainingMs)) throw new Error('Redis counted to something that is not a number');
  return { count, remainingMs };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

async function examine(connection: RedisConnection): Promise<Finding> {
  const subject = 'redis';
  const advice =
    'The server goes on without it: known queries are looked up in the database, limits count per process.';
  const since = performance.now();
  try {
    await connection.run((redis) => redis.ping(), lookPatienceMs);
  } catch (error) {
    const reason = connection.trouble || (error instanceof Error ? error.message : String(error));
    return { subject, status: 'warning', message: `does not answer: ${reason}`, advice };
  }
  const ms = performance.now() - since;
  if (connection.trouble !== '') {
    const message = `answers, but not to all that it is asked: ${connection.trouble}`;
    return { subject, status: 'warning', message, advice: `Look at its memory, its load and its rights. ${advice}` };
  }
  const message = `answered in ${ms.toFixed(1)} ms`;
  if (ms <= slowMs) return { subject, status: 'ok', message };
  return { subject, status: 'ok', message: `${message}; every request waits for it, so keep it near` };
}
