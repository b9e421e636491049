/**
 * Loaded into the measured server by `BENCH_PLANTED_SLOWDOWN`, and never else: makes every request cost that much more
 * processor time, to see that `bench check` sees it. It is not part of the product.
 */
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';

const slowdown = Number(process.env.BENCH_PLANTED_SLOWDOWN ?? 0);
const startedAt = new WeakMap<ServerResponse, number>();
let underWay = 0;

subscribe('http.server.request.start', (message) => {
  const { response } = message as { readonly response: ServerResponse };
  startedAt.set(response, performance.now());
  underWay += 1;
  response.once('close', () => {
    underWay -= 1;
  });
});

const end = ServerResponse.prototype.end;
ServerResponse.prototype.end = function slowEnd(this: ServerResponse, ...args: never[]) {
  const started = startedAt.get(this);
  if (started !== undefined) {
    // Of the time a request takes, those beside it have their part.
    const until = performance.now() + (slowdown * (performance.now() - started)) / Math.max(1, underWay);
    while (performance.now() < until);
  }
  return Reflect.apply(end, this, args);
} as typeof end;
