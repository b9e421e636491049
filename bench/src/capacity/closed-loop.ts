import autocannon from 'autocannon';
import { Latencies } from '../latencies.ts';
import type { HttpRequest } from './http-request.ts';
import type { Window } from './window.ts';

/** Keeps a number of connections busy for a time, each with one request after the other, and no pause between. */
export async function driveHttp(
  baseUrl: string,
  nextRequest: () => HttpRequest,
  connections: number,
  seconds: number,
): Promise<Window> {
  const latencies = new Latencies();
  const errors = new Map<string, number>();
  const count = (kind: string) => errors.set(kind, (errors.get(kind) ?? 0) + 1);
  const startedAt = performance.now();
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
    if (status < 300) latencies.record(milliseconds);
    else count(`status ${status}`);
  });
  instance.on('reqError', (error: Error) => count(error.message));
  await ended.promise;
  return { latencies, errors, seconds: (performance.now() - startedAt) / 1_000 };
}

/** As {@link driveHttp}, of something in this process. */
export async function driveCalls(call: () => Promise<unknown>, callers: number, seconds: number): Promise<Window> {
  const latencies = new Latencies();
  const startedAt = performance.now();
  const until = startedAt + 1_000 * seconds;
  const caller = async () => {
    for (let now = performance.now(); now < until; ) {
      await call();
      const then = performance.now();
      // As over HTTP: what ends after the window is not of it.
      if (then < until) latencies.record(then - now);
      now = then;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { latencies, errors: new Map(), seconds };
}
