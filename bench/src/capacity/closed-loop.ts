import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { Latencies } from '../latencies.ts';
import type { HttpRequest } from './http-request.ts';
import type { Window } from './window.ts';

/**
 * Keeps a number of connections busy for a time, each with one request after the other, and no pause between. What is
 * counted begins once as many were answered as there are connections: from then on as many are under way when counting
 * begins as when it ends, and none of the work that was done is lost to the count.
 */
export async function driveHttp(
  baseUrl: string,
  nextRequest: () => HttpRequest,
  connections: number,
  seconds: number,
): Promise<Window> {
  const steady = new SteadyState(connections);
  const errors = new Map<string, number>();
  const count = (kind: string) => errors.set(kind, (errors.get(kind) ?? 0) + 1);
  const ended = Promise.withResolvers<void>();
  const { method, path, headers } = nextRequest();
  const instance = autocannon(
    {
      // It ends at the first sample after its time.
      ...{ url: baseUrl, connections, duration: seconds, sampleInt: 50, timeout: 60 },
      requests: [{ method, path, headers, setupRequest: (request) => ({ ...request, ...nextRequest() }) }],
    },
    (error) => (error ? ended.reject(error) : ended.resolve()),
  );
  instance.on('response', (_client, status, _bytes, milliseconds) => {
    if (status < 300) steady.record(milliseconds);
    else count(`status ${status}`);
  });
  instance.on('reqError', (error: Error) => count(error.message));
  await ended.promise;
  return { ...steady.window(), errors };
}

/** As {@link driveHttp}, of something in this process. */
export async function driveCalls(call: () => Promise<unknown>, callers: number, seconds: number): Promise<Window> {
  const steady = new SteadyState(callers);
  const until = performance.now() + 1_000 * seconds;
  const caller = async () => {
    for (let now = performance.now(); now < until; ) {
      await call();
      const then = performance.now();
      // As over HTTP: what ends after the window is not of it.
      if (then < until) steady.record(then - now);
      now = then;
    }
  };
  const over = sleep(1_000 * seconds).then(() => steady.window());
  await Promise.all(Array.from({ length: callers }, caller));
  return { ...(await over), errors: new Map() };
}

/** Answers from the time on when as many were there as there are callers; where it does not come to that, all. */
class SteadyState {
  readonly #callers: number;
  #latencies = new Latencies();
  #startedAt = performance.now();
  #answers = 0;
  #lastAt = this.#startedAt;

  constructor(callers: number) {
    this.#callers = callers;
  }

  record(milliseconds: number): void {
    if (this.#answers === this.#callers) {
      this.#latencies = new Latencies();
      this.#startedAt = this.#lastAt;
    }
    this.#latencies.record(milliseconds);
    this.#answers += 1;
    this.#lastAt = performance.now();
  }

  window(): Omit<Window, 'errors'> {
    return { latencies: this.#latencies, seconds: (performance.now() - this.#startedAt) / 1_000 };
  }
}
