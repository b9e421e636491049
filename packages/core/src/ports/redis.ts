import type { Finding } from '../operations.ts';

/** How often something was asked for in the current window of time. */
export interface Counted {
  readonly count: number;
  /** Until it is counted from nothing again, ms. */
  readonly remainingMs: number;
}

/** How Redis is doing, as gauges show it. */
export interface RedisReading {
  readonly isUp: boolean;
  /** Vectors that were looked up and there. */
  readonly hits: number;
  /** Vectors that were looked up and not there. */
  readonly misses: number;
  /** Commands that it did not carry out, or not in time, while it was connected. */
  readonly failures: number;
}

/** What the processes of a server share in Redis, if they have one. Nothing needs it: it may go and come. */
export interface SharedRedis {
  /**
   * Counts one more, for all processes together.
   *
   * @param windowMs after which the first one is forgotten, and all others with it
   * @throws Error when it cannot be counted now: at once, or after some ms
   */
  count(name: string, windowMs: number): Promise<Counted>;
  reading(): RedisReading;
  examine(): Promise<Finding>;
}
