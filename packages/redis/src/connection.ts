import { type Log, withinPatience } from '@anima/core';
import { Redis } from 'ioredis';

/** How long it may take to be connected, ms. */
const connectMs = 1_000;
/** A connection that owes an answer for so long is cut, and nobody waits for it any more until there is a new one, ms. */
const silenceMs = 500;
/** The pauses between attempts to connect grow from the first to the last, ms. */
const pausesMs = { first: 100, last: 2_000 };

/** Counting and starting a window are one step: a count without an end would lock a key out for ever. */
const countScript = `
  local count = redis.call('INCR', KEYS[1])
  local remaining = redis.call('PTTL', KEYS[1])
  if remaining < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    remaining = tonumber(ARGV[1])
  end
  return {count, remaining}`;

export interface Commands extends Redis {
  /** @returns how many there were, and the ms until it begins anew: whatever Redis answers */
  countOne(key: string, windowMs: number): Promise<unknown>;
}

/**
 * A connection that may be there or not. What is asked while it is not fails at once: nothing is queued, nothing sent
 * again. It comes back by itself, and the log hears of each change once.
 */
export class RedisConnection {
  readonly #redis: Commands;
  readonly #log: Log;
  readonly #whenUp: () => void;
  /** Undefined until it was there, or not there, for the first time. */
  #isUp: boolean | undefined;
  #reason = '';
  #failures = 0;
  /** What went wrong on this connection and was said. */
  readonly #said = new Set<string>();

  constructor(url: string, log: Log, whenUp: () => void) {
    this.#log = log;
    this.#whenUp = whenUp;
    this.#redis = new Redis(url, {
      connectionName: 'anima',
      disableClientInfo: true,
      connectTimeout: connectMs,
      socketTimeout: silenceMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(pausesMs.first * 2 ** (attempt - 1), pausesMs.last),
      scripts: { countOne: { lua: countScript, numberOfKeys: 1 } },
    }) as Commands;
    this.#redis.on('error', (error) => {
      this.#reason = reasonOf(error);
    });
    this.#redis.on('ready', () => this.#up());
    this.#redis.on('close', () => this.#down());
  }

  get isUp(): boolean {
    return this.#isUp === true;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Why it is not there, or what it refused since it is; empty when all is well. */
  get trouble(): string {
    return this.isUp ? [...this.#said].join(', ') : this.#reason;
  }

  /**
   * @param patienceMs how long it is waited for; without, until the connection is cut
   * @throws Error when there is no connection, when it does not answer in time, and what it answers
   */
  async run<T>(work: (redis: Commands) => Promise<T>, patienceMs?: number): Promise<T> {
    if (!this.isUp) throw new Error('Redis is not there');
    try {
      const answer = work(this.#redis);
      return await (patienceMs === undefined ? answer : withinPatience(answer, patienceMs));
    } catch (error) {
      // What was under way when the connection broke fails with it, and that is said as such.
      if (this.isUp) this.#failed(reasonOf(error));
      throw error;
    }
  }

  close(): void {
    this.#redis.removeAllListeners('close');
    this.#redis.disconnect();
  }

  #up(): void {
    this.#isUp = true;
    this.#said.clear();
    this.#reason = 'the connection was closed';
    this.#log.info({}, 'Redis is there');
    this.#whenUp();
  }

  #down(): void {
    if (this.#isUp === false) return;
    this.#isUp = false;
    this.#log.warn({ reason: this.#reason }, 'Redis is not there: caches and limits are those of this process');
  }

  #failed(reason: string): void {
    this.#failures += 1;
    if (this.#said.has(reason)) return;
    this.#said.add(reason);
    this.#log.warn({ reason }, 'Redis does not do what it is asked; more of the same is counted, not logged');
  }
}

/** In a word or a line. What hangs on the errors of ioredis besides are the arguments of commands. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Redis begins its answers with a code: OOM, READONLY, NOPERM. What comes after it may name keys.
  if (error.name === 'ReplyError') return error.message.split(' ')[0] ?? error.name;
  const code = 'code' in error ? String(error.code) : '';
  return error.message || code || error.name;
}
