import {
  addInput,
  addManyInput,
  bootstrapInput,
  cancelReembedInput,
  citeInput,
  configureInput,
  queryInput,
  reembedInput,
  type StoreOperations,
  spaceInput,
} from '@anima/core';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import type { ServiceState } from '../service-state.ts';
import { t } from './trpc.ts';

/** Every procedure of Anima: the source of truth for its faces. A query is a mutation, because it records. */
export function createRouter(operations: Operations, state: ServiceState, store: StoreOperations) {
  return t.router({
    memories: t.router({
      add: t.procedure.input(addInput).mutation(({ input, ctx }) => operations.add(input, ctx)),
      addMany: t.procedure.input(addManyInput).mutation(({ input, ctx }) => operations.addMany(input, ctx)),
      query: t.procedure.input(queryInput).mutation(({ input, ctx }) => operations.query(input, ctx)),
      cite: t.procedure.input(citeInput).mutation(({ input, ctx }) => operations.cite(input, ctx)),
      bootstrap: t.procedure.input(bootstrapInput).query(({ input, ctx }) => operations.bootstrap(input, ctx)),
    }),
    spaces: t.router({
      describe: t.procedure.input(spaceInput).query(({ input, ctx }) => operations.describeSpace(input, ctx)),
      configure: t.procedure.input(configureInput).mutation(({ input, ctx }) => operations.configureSpace(input, ctx)),
      /** Streams its steps, so it needs a client that streams; whether they are read or not, it goes on. */
      reembed: t.procedure.input(reembedInput).mutation(({ input, ctx }) => operations.reembed(input, ctx)),
      cancelReembed: t.procedure
        .input(cancelReembedInput)
        .mutation(({ input, ctx }) => operations.cancelReembedding(input, ctx)),
    }),
    meta: t.router({
      health: t.procedure.query(() => state.health()),
      cacheStats: t.procedure.query(() => state.cacheStats()),
      metrics: t.procedure.query(() => state.metrics()),
      doctor: t.procedure.query(() => state.doctor()),
    }),
    projections: t.router({
      /** Streams its steps, so it needs a client that streams; nothing happens until they are read. */
      rebuild: t.procedure.input(z.strictObject({ verify: z.boolean() })).mutation(({ input }) => store.rebuild(input)),
    }),
  });
}

/** The type that `@anima/client` is made from. */
export type AppRouter = ReturnType<typeof createRouter>;
