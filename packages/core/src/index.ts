export {
  type AssociationState,
  associationStrength,
  foldAssociation,
  type Pair,
  pairedResults,
  pairsOf,
} from './associations.ts';
export { bootstrapQuota, type TierCounts } from './bootstrap-quota.ts';
export type { Candidate, RankedCandidate } from './candidate.ts';
export { AnimaError, type ErrorCode, errorCodes, type FieldError, validationError } from './errors.ts';
export { decodeEvent, type LogEvent } from './events.ts';
export { foldMemories, type MemoryRecord, recordOf, recordsOf, rulesVersion, type TierChange } from './fold.ts';
export {
  type HistoryInput,
  type HistoryRequest,
  historyInput,
  type ReceiptInput,
  type ReceiptRequest,
  receiptInput,
} from './inputs/history.ts';
export {
  type ChangeInput,
  type ChangeRequest,
  changeInput,
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
export {
  type ConfigureInput,
  type ConfigureRequest,
  configureInput,
  type SpaceInput,
  spaceInput,
} from './inputs/spaces.ts';
export { defaults, limits } from './limits.ts';
export type { Memory, ScoreBreakdown, ScoreTerms } from './memory.ts';
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
  type Finding,
  type Log,
  type Projection,
  type ProjectionDifference,
  projections,
  type RebuildProgress,
  type RebuildReport,
  type RebuildStep,
  type StoreGauges,
  type StoreOperations,
} from './operations.ts';
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
export {
  armDepth,
  type HybridWeights,
  hybridWeights,
  rankHybrid,
  weightsOf,
} from './ranking.ts';
export { phiFromThousandths, resonance, strengthen } from './resonance.ts';
export { shardCount, shardOf } from './shards.ts';
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
export { type AddResult, add, addMany } from './use-cases/add.ts';
export { type BootstrapResult, bootstrap } from './use-cases/bootstrap.ts';
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
  type HistoryEntry,
  type HistoryResult,
  historyOf,
  receiptOf,
  type TierHistoryResult,
  tierHistoryOf,
} from './use-cases/history.ts';
export {
  type GetResult,
  getMemory,
  type ListResult,
  listMemories,
  type UpdateResult,
  unmergeMemory,
  updateMemory,
} from './use-cases/memory.ts';
export { type QueryHit, type QueryResult, query } from './use-cases/query.ts';
export { configureSpace, describeSpace, type SpaceResult } from './use-cases/space.ts';
