import { initTRPC } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { errorMap } from '../error-map.ts';
import type { RequestContext } from '../request-context.ts';
import { errorView, toAnimaError } from '../wire-error.ts';

/** The tRPC of this API: errors carry core's code and details in `data.anima`, for clients to rebuild. */
export const t = initTRPC.context<RequestContext>().create({
  isDev: false,
  // What stands between the two may cut a connection on which nothing is said; whoever listens finds out.
  sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 25_000 } },
  errorFormatter({ error, shape }) {
    const anima = errorView(toAnimaError(error));
    const { status, trpc } = errorMap[anima.code];
    return {
      message: anima.message,
      code: TRPC_ERROR_CODES_BY_KEY[trpc],
      data: { ...shape.data, code: trpc, httpStatus: status, anima },
    };
  },
});
