import {
  type ActivityInput,
  type AddInput,
  type AddManyInput,
  add,
  addMany,
  associationGraph,
  associationHubs,
  type BootstrapInput,
  beginReembedding,
  bootstrap,
  type CancelReembedInput,
  type CatalystsInput,
  type ChangeInput,
  type CiteInput,
  type ConfigureInput,
  cancelReembedding,
  cite,
  configureSpace,
  type DiscoverInput,
  describeSpace,
  discoverAssociations,
  eraseMemories,
  forgetMemories,
  type GetBenchInput,
  type GetInput,
  type GraphInput,
  getBench,
  getMemory,
  type HistoryInput,
  type HubsInput,
  historyOf,
  type JobsInput,
  type ListBenchInput,
  type ListInput,
  type ListSpacesInput,
  type LogEventInput,
  type LogInput,
  listBench,
  listJobs,
  listMemories,
  listMerges,
  listSpaces,
  type MarkInput,
  type MergesInput,
  markCatalysts,
  type NetworkInput,
  type NetworkStatsInput,
  networkStats,
  type OverviewInput,
  overviewOfSpace,
  type PotentialCatalystsInput,
  potentialCatalysts,
  type QueryInput,
  query,
  type ReceiptInput,
  type RecordBenchInput,
  type ReembedInput,
  type RetryJobInput,
  readLog,
  readLogEvent,
  receiptOf,
  recentActivity,
  recordBench,
  reembed,
  restoreMemories,
  retryJob,
  type SetTierInput,
  type SpaceInput,
  type StageImportInput,
  setTiers,
  stageImport,
  tierHistoryOf,
  topCatalysts,
  type UnmergeInput,
  type UpdateInput,
  unmergeMemory,
  updateMemory,
  wholeNetwork,
} from '@anima/core';
import type { ApiDependencies } from './dependencies.ts';
import type { Meter } from './meter.ts';
import type { RequestContext } from './request-context.ts';
import { toAnimaError } from './wire-error.ts';

/** Core's use cases over this server's parts. */
function useCases(dependencies: ApiDependencies) {
  const { store } = dependencies;
  return {
    add: (input: AddInput) => add(dependencies, input),
    addMany: (input: AddManyInput) => addMany(dependencies, input),
    query: (input: QueryInput) => query(dependencies, input),
    cite: (input: CiteInput) => cite(dependencies, input),
    bootstrap: (input: BootstrapInput) => bootstrap(dependencies, input),
    get: (input: GetInput) => getMemory(store, input),
    list: (input: ListInput) => listMemories(store, input),
    update: (input: UpdateInput) => updateMemory(dependencies, input),
    forget: (input: ChangeInput) => forgetMemories(store, input),
    restore: (input: ChangeInput) => restoreMemories(store, input),
    erase: (input: ChangeInput) => eraseMemories(dependencies, input),
    setTier: (input: SetTierInput) => setTiers(store, input),
    mark: (input: MarkInput) => markCatalysts(store, input),
    unmerge: (input: UnmergeInput) => unmergeMemory(store, input),
    catalysts: (input: CatalystsInput) => topCatalysts(store, input),
    potentialCatalysts: (input: PotentialCatalystsInput) => potentialCatalysts(store, input),
    discoverAssociations: (input: DiscoverInput) => discoverAssociations(store, input),
    associationGraph: (input: GraphInput) => associationGraph(store, input),
    associationHubs: (input: HubsInput) => associationHubs(store, input),
    networkStats: (input: NetworkStatsInput) => networkStats(store, input),
    history: (input: HistoryInput) => historyOf(store, input),
    tierHistory: (input: HistoryInput) => tierHistoryOf(store, input),
    receipt: (input: ReceiptInput) => receiptOf(store, input),
    describeSpace: (input: SpaceInput) => describeSpace(dependencies, input),
    configureSpace: (input: ConfigureInput) => configureSpace(store, input),
    listSpaces: (input: ListSpacesInput) => listSpaces(store, input),
    overview: (input: OverviewInput) => overviewOfSpace(store, input),
    activity: (input: ActivityInput) => recentActivity(store, input),
    network: (input: NetworkInput) => wholeNetwork(store, input),
    merges: (input: MergesInput) => listMerges(store, input),
    log: (input: LogInput) => readLog(store, input),
    logEvent: (input: LogEventInput) => readLogEvent(store, input),
    jobs: (input: JobsInput) => listJobs(store, input),
    retryJob: (input: RetryJobInput) => retryJob(store, input),
    beginReembedding: (input: ReembedInput) => beginReembedding(dependencies, input),
    /** Measured until it has begun; its steps come for as long as it takes. */
    reembed: (input: ReembedInput) => reembed(dependencies, input),
    cancelReembedding: (input: CancelReembedInput) => cancelReembedding(dependencies, input),
    stageImport: (input: StageImportInput) => stageImport(store, input),
    recordBench: (input: RecordBenchInput) => recordBench(store, input),
    listBench: (input: ListBenchInput) => listBench(store, input),
    getBench: (input: GetBenchInput) => getBench(store, input),
  };
}
type UseCases = ReturnType<typeof useCases>;

/** The use cases, each one measured. Every face calls these and nothing else. */
export type Operations = {
  readonly [Name in keyof UseCases]: (
    input: Parameters<UseCases[Name]>[0],
    request: RequestContext,
  ) => ReturnType<UseCases[Name]>;
};

export function createOperations(dependencies: ApiDependencies, meter: Meter): Operations {
  const measured =
    <Input, Result>(operation: string, run: (input: Input) => Promise<Result>) =>
    async (input: Input, request: RequestContext) => {
      try {
        const result = await run(input);
        meter.observe(operation, 'ok', request);
        return result;
      } catch (error) {
        meter.observe(operation, toAnimaError(error).code, request);
        throw error;
      }
    };
  const operations = Object.entries(useCases(dependencies)).map(([name, run]) => [
    name,
    measured(name, run as (input: unknown) => Promise<unknown>),
  ]);
  return Object.fromEntries(operations) as Operations;
}
