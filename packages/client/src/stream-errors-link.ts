import type { AppRouter } from '@anima/api';
import type { TRPCLink } from '@trpc/client';
import { map } from '@trpc/server/observable';
import { toClientError } from './client-error.ts';

/** An error in the middle of a stream reaches whoever reads it, past the links; this types it as well. */
export const streamErrorsLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) =>
    next(op).pipe(
      map((envelope) => {
        const { result } = envelope;
        if (!('data' in result) || !isAsyncIterable(result.data)) return envelope;
        return { ...envelope, result: { ...result, data: typed(result.data) } };
      }),
    );

async function* typed(steps: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* steps;
  } catch (error) {
    throw toClientError(error);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
