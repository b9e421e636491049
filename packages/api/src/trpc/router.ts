import {
  activityInput,
  addInput,
  addManyInput,
  applyImportInput,
  bootstrapInput,
  cancelReembedInput,
  catalystsInput,
  changeInput,
  citeInput,
  configureInput,
  consolidateInput,
  createKeyInput,
  discoverInput,
  exportInput,
  getBenchInput,
  getInput,
  graphInput,
  historyInput,
  hubsInput,
  jobsInput,
  listBenchInput,
  listInput,
  listSpacesInput,
  logEventInput,
  logInput,
  markInput,
  mergesInput,
  networkInput,
  networkStatsInput,
  overviewInput,
  potentialCatalystsInput,
  queryInput,
  receiptInput,
  recordBenchInput,
  reembedInput,
  retryJobInput,
  revokeKeyInput,
  setTierInput,
  spaceInput,
  stageImportInput,
  tailInput,
  unmergeInput,
  updateInput,
} from '@anima/core';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { t } from './trpc.ts';

/** Every procedure of Anima: the source of truth for its faces. A query is a mutation, because it records. */
export function createRouter(operations: Operations) {
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
      history: t.procedure.input(historyInput).query(({ input, ctx }) => operations.history(input, ctx)),
      tierHistory: t.procedure.input(historyInput).query(({ input, ctx }) => operations.tierHistory(input, ctx)),
      receipt: t.procedure.input(receiptInput).query(({ input, ctx }) => operations.receipt(input, ctx)),
      merges: t.procedure.input(mergesInput).query(({ input, ctx }) => operations.merges(input, ctx)),
      unmerge: t.procedure.input(unmergeInput).mutation(({ input, ctx }) => operations.unmerge(input, ctx)),
      catalysts: t.procedure.input(catalystsInput).query(({ input, ctx }) => operations.catalysts(input, ctx)),
      potentialCatalysts: t.procedure
        .input(potentialCatalystsInput)
        .query(({ input, ctx }) => operations.potentialCatalysts(input, ctx)),
    }),
    associations: t.router({
      discover: t.procedure.input(discoverInput).query(({ input, ctx }) => operations.discoverAssociations(input, ctx)),
      graph: t.procedure.input(graphInput).query(({ input, ctx }) => operations.associationGraph(input, ctx)),
      hubs: t.procedure.input(hubsInput).query(({ input, ctx }) => operations.associationHubs(input, ctx)),
      network: t.procedure.input(networkInput).query(({ input, ctx }) => operations.network(input, ctx)),
      networkStats: t.procedure.input(networkStatsInput).query(({ input, ctx }) => operations.networkStats(input, ctx)),
    }),
    events: t.router({
      list: t.procedure.input(logInput).query(({ input, ctx }) => operations.log(input, ctx)),
      get: t.procedure.input(logEventInput).query(({ input, ctx }) => operations.logEvent(input, ctx)),
      /** What comes to the log of a space, as it comes. */
      tail: t.procedure.input(tailInput).subscription(({ input, ctx, signal }) => operations.tail(input, ctx, signal)),
    }),
    jobs: t.router({
      list: t.procedure.input(jobsInput).query(({ input, ctx }) => operations.jobs(input, ctx)),
      retry: t.procedure.input(retryJobInput).mutation(({ input, ctx }) => operations.retryJob(input, ctx)),
    }),
    spaces: t.router({
      list: t.procedure.input(listSpacesInput).query(({ input, ctx }) => operations.listSpaces(input, ctx)),
      overview: t.procedure.input(overviewInput).query(({ input, ctx }) => operations.overview(input, ctx)),
      activity: t.procedure.input(activityInput).query(({ input, ctx }) => operations.activity(input, ctx)),
      describe: t.procedure.input(spaceInput).query(({ input, ctx }) => operations.describeSpace(input, ctx)),
      configure: t.procedure.input(configureInput).mutation(({ input, ctx }) => operations.configureSpace(input, ctx)),
      /** Streams its steps, so it needs a client that streams; nothing happens until they are read. */
      consolidate: t.procedure.input(consolidateInput).mutation(({ input, ctx }) => operations.consolidate(input, ctx)),
      /** Streams its steps, so it needs a client that streams; whether they are read or not, it goes on. */
      reembed: t.procedure.input(reembedInput).mutation(({ input, ctx }) => operations.reembed(input, ctx)),
      cancelReembed: t.procedure
        .input(cancelReembedInput)
        .mutation(({ input, ctx }) => operations.cancelReembedding(input, ctx)),
      /** Streams the lines of a file; it is read from the database when the first of them is asked for. */
      export: t.procedure.input(exportInput).query(({ input, ctx }) => operations.exportSpace(input, ctx)),
      stageImport: t.procedure.input(stageImportInput).mutation(({ input, ctx }) => operations.stageImport(input, ctx)),
      /** Streams its steps; nothing happens until they are read. */
      applyImport: t.procedure.input(applyImportInput).mutation(({ input, ctx }) => operations.applyImport(input, ctx)),
    }),
    meta: t.router({
      health: t.procedure.query(({ ctx }) => operations.health(ctx)),
      /** What the key of this call opens. */
      whoAmI: t.procedure.query(({ ctx }) => operations.whoAmI(ctx)),
      cacheStats: t.procedure.query(({ ctx }) => operations.cacheStats(ctx)),
      metrics: t.procedure.query(({ ctx }) => operations.metrics(ctx)),
      doctor: t.procedure.query(({ ctx }) => operations.doctor(ctx)),
      settings: t.procedure.query(({ ctx }) => operations.settings(ctx)),
      /** The last quarter of an hour, then how the service does, every two seconds. */
      live: t.procedure.subscription(({ ctx, signal }) => operations.live(undefined, ctx, signal)),
    }),
    bench: t.router({
      record: t.procedure.input(recordBenchInput).mutation(({ input, ctx }) => operations.recordBench(input, ctx)),
      list: t.procedure.input(listBenchInput).query(({ input, ctx }) => operations.listBench(input, ctx)),
      get: t.procedure.input(getBenchInput).query(({ input, ctx }) => operations.getBench(input, ctx)),
    }),
    keys: t.router({
      create: t.procedure.input(createKeyInput).mutation(({ input, ctx }) => operations.createKey(input, ctx)),
      list: t.procedure.query(({ ctx }) => operations.listKeys(undefined, ctx)),
      revoke: t.procedure.input(revokeKeyInput).mutation(({ input, ctx }) => operations.revokeKey(input, ctx)),
    }),
    projections: t.router({
      checkpoints: t.procedure.query(({ ctx }) => operations.checkpoints(ctx)),
      /** Streams its steps, so it needs a client that streams; nothing happens until they are read. */
      rebuild: t.procedure
        .input(z.strictObject({ verify: z.boolean(), full: z.boolean().default(false) }))
        .mutation(({ input, ctx }) => operations.rebuild(input, ctx)),
    }),
    archive: t.router({
      sizes: t.procedure.query(({ ctx }) => operations.logSizes(ctx)),
      /** Streams its steps, so it needs a client that streams; nothing happens until they are read. */
      run: t.procedure
        .input(z.strictObject({ dryRun: z.boolean().default(false) }))
        .mutation(({ input, ctx }) => operations.archiveLog(input, ctx)),
    }),
  });
}

/** The type that `@anima/client` is made from. */
export type AppRouter = ReturnType<typeof createRouter>;
