import {
  addInput,
  addManyInput,
  applyImport,
  applyImportInput,
  bootstrapInput,
  changeInput,
  citeInput,
  configureInput,
  exportInput,
  exportSpace,
  getInput,
  listInput,
  markInput,
  queryInput,
  setTierInput,
  spaceInput,
  stageImportInput,
  unmergeInput,
  updateInput,
} from '@anima/core';
import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import type { Operations } from '../operations.ts';
import type { ServiceState } from '../service-state.ts';
import { t } from './trpc.ts';

/** Every procedure of Anima: the source of truth for its faces. A query is a mutation, because it records. */
export function createRouter(operations: Operations, state: ServiceState, store: ApiDependencies['store']) {
  return t.router({
    memories: t.router({
      add: t.procedure.input(addInput).mutation(({ input, ctx }) => operations.add(input, ctx)),
      addMany: t.procedure.input(addManyInput).mutation(({ input, ctx }) => operations.addMany(input, ctx)),
      query: t.procedure.input(queryInput).mutation(({ input, ctx }) => operations.query(input, ctx)),
      cite: t.procedure.input(citeInput).mutation(({ input, ctx }) => operations.cite(input, ctx)),
      bootstrap: t.procedure.input(bootstrapInput).query(({ input, ctx }) => operations.bootstrap(input, ctx)),
      get: t.procedure.input(getInput).query(({ input, ctx }) => operations.get(input, ctx)),
      list: t.procedure.input(listInput).query(({ input, ctx }) => operations.list(input, ctx)),
      update: t.procedure.input(updateInput).mutation(({ input, ctx }) => operations.update(input, ctx)),
      forget: t.procedure.input(changeInput).mutation(({ input, ctx }) => operations.forget(input, ctx)),
      restore: t.procedure.input(changeInput).mutation(({ input, ctx }) => operations.restore(input, ctx)),
      erase: t.procedure.input(changeInput).mutation(({ input, ctx }) => operations.erase(input, ctx)),
      setTier: t.procedure.input(setTierInput).mutation(({ input, ctx }) => operations.setTier(input, ctx)),
      mark: t.procedure.input(markInput).mutation(({ input, ctx }) => operations.mark(input, ctx)),
      unmerge: t.procedure.input(unmergeInput).mutation(({ input, ctx }) => operations.unmerge(input, ctx)),
    }),
    spaces: t.router({
      describe: t.procedure.input(spaceInput).query(({ input, ctx }) => operations.describeSpace(input, ctx)),
      configure: t.procedure.input(configureInput).mutation(({ input, ctx }) => operations.configureSpace(input, ctx)),
      /** Streams the lines of a file; it is read from the database when the first of them is asked for. */
      export: t.procedure.input(exportInput).query(({ input }) => exportSpace(store, input)),
      stageImport: t.procedure.input(stageImportInput).mutation(({ input, ctx }) => operations.stageImport(input, ctx)),
      /** Streams its steps; nothing happens until they are read. */
      applyImport: t.procedure.input(applyImportInput).mutation(({ input }) => applyImport(store, input)),
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
