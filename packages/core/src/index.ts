export { type Access, anyone, type Principal, type Role, requireAccess, roles } from './access.ts';
export {
  type AssociationState,
  associationStrength,
  foldAssociation,
  leastCount,
  type Pair,
  type PairCount,
  pairedResults,
  pairsOf,
  type StrengthSummary,
  summariseStrengths,
} from './associations.ts';
export { bootstrapQuota, type TierCounts } from './bootstrap-quota.ts';
export type { Candidate, RankedCandidate } from './candidate.ts';
export {
  type CatalystReason,
  catalystMarkers,
  catalystReasons,
  catalystSigns,
  densestAccesses,
  markerIn,
} from './catalysts.ts';
export { type Difference, differences, duplicateThreshold, statedDifference } from './consolidation.ts';
export { type ContextPrompt, renderPrompt, type TieredMemories } from './context-prompt.ts';
export { AnimaError, type ErrorCode, errorCodes, type FieldError, noSuchMemory, validationError } from './errors.ts';
export { decodeEvent, eventTypes, type LogEvent } from './events.ts';
export { foldMemories, type MemoryRecord, recordOf, recordsOf, rulesVersion, type TierChange } from './fold.ts';
export {
  type DiscoverInput,
  type DiscoverRequest,
  discoverInput,
  type GraphInput,
  type GraphRequest,
  graphInput,
  type HubsInput,
  type HubsRequest,
  hubsInput,
  type NetworkStatsInput,
  type NetworkStatsRequest,
  networkStatsInput,
} from './inputs/associations.ts';
export {
  type BenchBlock,
  type BenchMeasure,
  type BenchReport,
  benchReport,
  type GetBenchInput,
  type GetBenchRequest,
  getBenchInput,
  type ListBenchInput,
  type ListBenchRequest,
  listBenchInput,
  type RecordBenchInput,
  type RecordBenchRequest,
  recordBenchInput,
} from './inputs/bench.ts';
export {
  type CatalystsInput,
  type CatalystsRequest,
  catalystsInput,
  type PotentialCatalystsInput,
  type PotentialCatalystsRequest,
  potentialCatalystsInput,
} from './inputs/catalysts.ts';
export {
  type HistoryInput,
  type HistoryRequest,
  historyInput,
  type ReceiptInput,
  type ReceiptRequest,
  receiptInput,
} from './inputs/history.ts';
export {
  type JobsInput,
  type JobsRequest,
  jobsInput,
  type RetryJobInput,
  type RetryJobRequest,
  retryJobInput,
} from './inputs/jobs.ts';
export {
  type CreateKeyInput,
  type CreateKeyRequest,
  createKeyInput,
  type RevokeKeyInput,
  type RevokeKeyRequest,
  revokeKeyInput,
} from './inputs/keys.ts';
export {
  type ChangeInput,
  type ChangeRequest,
  type ConsolidateInput,
  type ConsolidateRequest,
  changeInput,
  consolidateInput,
  type GetInput,
  type GetRequest,
  getInput,
  type ListInput,
  type ListRequest,
  listInput,
  type MarkInput,
  type MarkRequest,
  markInput,
  type SetTierInput,
  type SetTierRequest,
  setTierInput,
  type UnmergeInput,
  type UnmergeRequest,
  type UpdateInput,
  type UpdateRequest,
  unmergeInput,
  updateInput,
} from './inputs/lifecycle.ts';
export {
  type LogEventInput,
  type LogEventRequest,
  type LogInput,
  type LogRequest,
  logEventInput,
  logInput,
  type TailInput,
  type TailRequest,
  tailInput,
} from './inputs/log.ts';
export {
  type AddInput,
  type AddManyInput,
  type AddManyRequest,
  type AddRequest,
  addInput,
  addManyInput,
  type BootstrapInput,
  type BootstrapRequest,
  bootstrapInput,
  type CiteInput,
  type CiteRequest,
  citeInput,
  type QueryInput,
  type QueryRequest,
  queryInput,
} from './inputs/memories.ts';
export { type MergesInput, type MergesRequest, mergesInput } from './inputs/merges.ts';
export { type NetworkInput, type NetworkRequest, networkInput } from './inputs/network.ts';
export {
  type CancelReembedInput,
  cancelReembedInput,
  type ReembedInput,
  type ReembedRequest,
  reembedInput,
} from './inputs/reembedding.ts';
export {
  type ConfigureInput,
  type ConfigureRequest,
  configureInput,
  type SpaceInput,
  spaceInput,
} from './inputs/spaces.ts';
export {
  type ActivityInput,
  type ActivityRequest,
  activityInput,
  type ListSpacesInput,
  type ListSpacesRequest,
  listSpacesInput,
  type OverviewInput,
  type OverviewRequest,
  overviewInput,
} from './inputs/survey.ts';
export {
  type ApplyImportInput,
  type ApplyImportRequest,
  applyImportInput,
  type ExportInput,
  type ExportRequest,
  exportInput,
  type StageImportInput,
  type StageImportRequest,
  stageImportInput,
} from './inputs/transfer.ts';
export { defaults, limits } from './limits.ts';
export { excerptLength, indented, type Memory, type ScoreBreakdown, type ScoreTerms } from './memory.ts';

export {
  type MemoryState,
  type MergeLink,
  type OwnState,
  rememberedConversations,
  type Visibility,
  visibilities,
  withVariants,
} from './memory-state.ts';
export {
  type CacheStats,
  type Checkpoint,
  type Finding,
  type Log,
  type ModelInUse,
  type Projection,
  type ProjectionDifference,
  projections,
  type RebuildProgress,
  type RebuildReport,
  type RebuildStep,
  type ReplicaGauges,
  type StoreGauges,
  type StoreOperations,
} from './operations.ts';
export { withinPatience } from './patience.ts';
export type { ArchiveReport, ArchiveStep, ArchiveStore, HeldBy, LogSizes } from './ports/archive.ts';
export type {
  AssociationStore,
  Connections,
  HubSearch,
  Neighbour,
  NeighbourSearch,
  Network,
} from './ports/associations.ts';
export type { BackupStore, Restored } from './ports/backup.ts';
export type { BenchRun, BenchRunSummary, BenchStore } from './ports/bench.ts';
export type { Accesses, AccessWindow, CatalystStore } from './ports/catalysts.ts';
export type { DuplicateStore, SimilarMemory } from './ports/duplicates.ts';
export type {
  AsOf,
  CausedTierChange,
  HistoryStore,
  Moment,
  PastCandidate,
  PastState,
  PastStore,
  Receipt,
  ReceiptHit,
  StoryEvent,
  StoryPage,
} from './ports/history.ts';
export { type Job, type JobQueue, type JobState, type JobStore, jobStates } from './ports/jobs.ts';
export type { ApiKey, KeyStore, NewKey } from './ports/keys.ts';
export {
  type ChangedMemories,
  type LifecycleStore,
  type ListOrder,
  type ListPage,
  type ListPlace,
  listOrders,
  type MemoryChanges,
  type MemoryVersion,
  type NotChanged,
  type Selection,
  type StoredEntry,
} from './ports/lifecycle.ts';
export type { EventEffect, LoggedEvent, LogPage, LogPart, LogSelection, LogStore } from './ports/log.ts';
export type { Merge, MergedMemory, MergeStore } from './ports/merges.ts';
export type { AssociatedPair, NetworkStore } from './ports/network.ts';
export type { Counted, RedisReading, SharedRedis } from './ports/redis.ts';
export type { ModelFinder, Reembedding, Reembeddings, SpaceModel, WantedModel } from './ports/reembedding.ts';
export type { ServerStore } from './ports/server-store.ts';
export {
  type Activity,
  resonanceClass,
  type SpaceOverview,
  type SpaceSummary,
  type SpacesPage,
  type SurveyStore,
} from './ports/survey.ts';
export { type RequestTrace, type Span, type Tracer, untraced } from './ports/tracing.ts';
export type { ExportStep, ImportPlace, ImportStep, StagedLines, TransferStore } from './ports/transfer.ts';
export type {
  AddOutcome,
  Bootstrap,
  BootstrapSelection,
  Embedder,
  EmbeddingModel,
  Filters,
  Found,
  MemoryStore,
  MemoryVectors,
  NewMemory,
  QueryVectors,
  Recall,
  RecallHit,
  RecordedRecall,
  RequestKey,
  Search,
  Space,
  StoredMemory,
  StructuralSearch,
} from './ports.ts';
export { armDepth, type HybridWeights, hybridWeights, rankHybrid, weightsOf } from './ranking.ts';
export { decay, phiFromThousandths, resonance, strengthen } from './resonance.ts';
export { shardCount, shardOf } from './shards.ts';
export {
  faultyLine,
  readSpaceFileLine,
  type SpaceFileConversation,
  type SpaceFileEvent,
  type SpaceFileHeader,
  type SpaceFileLine,
  type SpaceFileMemory,
  type SpaceFileVersion,
  spaceFile,
} from './space-file.ts';
export { SpaceFileCheck } from './space-file-check.ts';
export {
  type RankingProfile,
  rankingProfiles,
  type SpaceSettings,
  type SpaceSettingsChanges,
  spaceSettings,
} from './space-settings.ts';
export { tell } from './story.ts';
export { rankStructural, resonanceNeeded, structuralWeight, structuralWeights } from './structural.ts';
export { promote, promotionThresholds, type Tier, tiers } from './tiers.ts';
export { estimateTokens, startWithin, tokenUnits, unitsPerToken } from './token-estimate.ts';
export { type AddResult, add, addMany } from './use-cases/add.ts';
export { associationGraph, type GraphNode, type GraphResult } from './use-cases/association-graph.ts';
export {
  associationHubs,
  type Hub,
  type HubsResult,
  type MemoryNetwork,
  type NetworkStats,
  networkStats,
} from './use-cases/association-network.ts';
export { getBench, type ListBenchResult, listBench, type RecordBenchResult, recordBench } from './use-cases/bench.ts';
export { type BootstrapResult, bootstrap } from './use-cases/bootstrap.ts';
export {
  type CatalystsResult,
  type PotentialCatalyst,
  type PotentialCatalystsResult,
  potentialCatalysts,
  topCatalysts,
} from './use-cases/catalysts.ts';
export {
  type ChangeResult,
  eraseMemories,
  forgetMemories,
  markCatalysts,
  restoreMemories,
  setTiers,
} from './use-cases/change.ts';
export { type CiteResult, cite } from './use-cases/cite.ts';
export {
  type ConsolidationStep,
  consolidate,
  type DuplicatePair,
  type DuplicateRule,
  duplicateRule,
  mergeDuplicates,
} from './use-cases/consolidate.ts';
export { type Association, type DiscoverResult, discoverAssociations } from './use-cases/discover-associations.ts';
export type { AssociatedMemory } from './use-cases/expand.ts';
export {
  type HistoryEntry,
  type HistoryResult,
  historyOf,
  receiptOf,
  type TierHistoryResult,
  tierHistoryOf,
} from './use-cases/history.ts';
export { type JobsResult, listJobs, retryJob } from './use-cases/jobs.ts';
export { type CreateKeyResult, createKey, type KeysResult, listKeys, revokeKey } from './use-cases/keys.ts';
export {
  type LogEventResult,
  type LogResult,
  readLog,
  readLogEvent,
  readTail,
  type StateView,
  type TailStep,
} from './use-cases/log.ts';
export {
  type GetResult,
  getMemory,
  type ListResult,
  listMemories,
  type UpdateResult,
  unmergeMemory,
  updateMemory,
} from './use-cases/memory.ts';
export { listMerges, type MergesResult } from './use-cases/merges.ts';
export { type QueryHit, type QueryResult, query } from './use-cases/query.ts';
export {
  beginReembedding,
  cancelReembedding,
  type ReembeddingResult,
  type ReembedReport,
  type ReembedStep,
  reembed,
} from './use-cases/reembed.ts';
export { configureSpace, describeSpace, type SpaceDescription, type SpaceResult } from './use-cases/space.ts';
export {
  type ActivityResult,
  listSpaces,
  overviewOfSpace,
  recentActivity,
  type SpacesResult,
} from './use-cases/survey.ts';
export { applyImport, exportSpace, stageImport } from './use-cases/transfer.ts';
export { type NetworkNode, type NetworkResult, wholeNetwork } from './use-cases/whole-network.ts';
