import {
  type Access,
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
  type CreateKeyInput,
  cancelReembedding,
  cite,
  configureSpace,
  createKey,
  type DiscoverInput,
  describeSpace,
  discoverAssociations,
  type Embedder,
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
  listKeys,
  listMemories,
  listMerges,
  listSpaces,
  type MarkInput,
  type MergesInput,
  type ModelFinder,
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
  type RevokeKeyInput,
  type Role,
  readLog,
  readLogEvent,
  receiptOf,
  recentActivity,
  recordBench,
  reembed,
  restoreMemories,
  retryJob,
  revokeKey,
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
import { accessTable, requireAccessTo } from './access.ts';
import { type Admission, waitingOutside } from './admission.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { LiveSampler } from './live/live-sampler.ts';
import type { LogTail } from './live/log-tail.ts';
import type { Meter } from './meter.ts';
import type { RequestContext } from './request-context.ts';
import type { ServiceState } from './service-state.ts';
import { openStreams, whileWelcome } from './streams.ts';
import { toAnimaError } from './wire-error.ts';

/** Core's use cases over this server's parts. */
function useCases(dependencies: Omit<ApiDependencies, 'embedder'> & { readonly embedder: Embedder & ModelFinder }) {
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
    /** Those that the key opens. */
    listSpaces: (input: ListSpacesInput, { principal }: RequestContext) => listSpaces(store, input, principal?.spaces),
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
    createKey: (input: CreateKeyInput) => createKey(store, input),
    listKeys: (_: undefined) => listKeys(store),
    revokeKey: (input: RevokeKeyInput) => revokeKey(store, input),
  };
}
type UseCases = ReturnType<typeof useCases>;
type Streams = ReturnType<typeof openStreams>;

/** How the service is doing: not measured, or looking would change what is seen. */
function inspections({ store }: ApiDependencies, parts: OperationParts) {
  const { state, exposition } = parts;
  return {
    health: (_: RequestContext) => state.health(),
    cacheStats: (_: RequestContext) => state.cacheStats(),
    metrics: (_: RequestContext) => state.metrics(),
    doctor: (_: RequestContext) => state.doctor(),
    settings: (_: RequestContext) => state.settings(),
    /** Takes as long as there is to read. */
    restoreBackup: (_: RequestContext, lines: AsyncIterable<string>) => store.restoreBackup(lines),
    checkpoints: (_: RequestContext) => store.checkpoints(),
    logSizes: (_: RequestContext) => store.logSizes(),
    /** Prometheus text. */
    exposition: (_: RequestContext) => exposition(),
    /** What the REST face takes and answers, as `described` says it. */
    openapi: <Description>(_: RequestContext, described: () => Description) => described(),
    whoAmI: ({ principal }: RequestContext): WhoAmI => ({
      ...{ keyId: principal?.keyId ?? null, role: principal?.role ?? 'read', spaces: principal?.spaces ?? null },
    }),
  };
}
type Inspections = ReturnType<typeof inspections>;

/** What a key opens. */
export interface WhoAmI {
  /** Null where keys are not asked for. */
  readonly keyId: string | null;
  readonly role: Role;
  /** Null: all spaces. */
  readonly spaces: readonly string[] | null;
}

/** Everything that a face can ask for. Every face calls these and nothing else; each knows first who may. */
export type Operations = {
  readonly [Name in keyof UseCases]: (
    input: Parameters<UseCases[Name]>[0],
    request: RequestContext,
  ) => ReturnType<UseCases[Name]>;
} & {
  readonly [Name in keyof Streams]: (
    input: Parameters<Streams[Name]>[0],
    request: RequestContext,
    signal?: AbortSignal,
  ) => ReturnType<Streams[Name]>;
} & Inspections;

type OperationName = keyof UseCases | keyof Streams | keyof Inspections;

export interface OperationParts {
  readonly admission: Admission;
  readonly meter: Meter;
  readonly state: ServiceState;
  readonly live: LiveSampler;
  readonly tail: LogTail;
  readonly exposition: () => Promise<string>;
}

export function createOperations(dependencies: ApiDependencies, parts: OperationParts): Operations {
  const { meter, admission } = parts;
  const { tracer } = dependencies;
  // None is without.
  const access: Readonly<Record<OperationName, Access>> = accessTable;
  type UseCase = (input: unknown, request: RequestContext) => Promise<unknown>;
  const traced = (name: OperationName, run: UseCase): UseCase =>
    tracer ? (input, request) => tracer.step(name, () => run(input, request)) : run;
  const measured = (name: OperationName, untracedRun: UseCase) => {
    const run = traced(name, untracedRun);
    return async (input: unknown, request: RequestContext) => {
      try {
        requireAccessTo(access[name], input, request.principal);
        const result = await admission.run(() => run(input, request));
        meter.observe(name, 'ok', request);
        return result;
      } catch (error) {
        meter.observe(name, toAnimaError(error).code, request);
        throw error;
      }
    };
  };
  type Stream = (input: unknown, signal: AbortSignal | undefined) => AsyncIterable<unknown>;
  const streamed =
    (name: OperationName, run: Stream) =>
    (input: unknown, request: RequestContext, signal: AbortSignal | undefined) => {
      requireAccessTo(access[name], input, request.principal);
      return whileWelcome(run(input, signal), request);
    };
  type Inspection = (request: RequestContext, ...more: unknown[]) => unknown;
  const guarded =
    (name: OperationName, run: Inspection) =>
    (request: RequestContext, ...more: unknown[]) => {
      requireAccessTo(access[name], undefined, request.principal);
      return run(request, ...more);
    };
  return {
    ...each(
      useCases({ ...dependencies, embedder: waitingOutside(admission, dependencies.embedder) }),
      measured as never,
    ),
    ...each(openStreams(dependencies, parts), streamed as never),
    ...each(inspections(dependencies, parts), guarded as never),
  } as Operations;
}

/** Every function of a group, dressed in the same way. */
function each(group: object, dress: (name: string, run: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(group).map(([name, run]) => [name, dress(name, run)]));
}
