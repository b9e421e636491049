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
export {
  foldMemories,
  foldMemory,
  type MemoryState,
  rememberedConversations,
  rulesVersion,
  type TierChange,
} from './fold.ts';
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
export { defaults, limits } from './limits.ts';
export type { Memory, ScoreBreakdown } from './memory.ts';
export {
  type CacheStats,
  type Finding,
  type Log,
  type ModelInUse,
  type Projection,
  type ProjectionDifference,
  projections,
  type RebuildProgress,
  type RebuildReport,
  type RebuildStep,
  type StoreGauges,
  type StoreOperations,
} from './operations.ts';
export type { ModelFinder, Reembedding, Reembeddings, SpaceModel, WantedModel } from './ports/reembedding.ts';
export type {
  AddOutcome,
  Bootstrap,
  BootstrapSelection,
  Embedder,
  EmbeddingModel,
  Filters,
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
export { rankStructural, resonanceNeeded, structuralWeight, structuralWeights } from './structural.ts';
export { promote, promotionThresholds, type Tier, tiers } from './tiers.ts';
export { type AddResult, add, addMany } from './use-cases/add.ts';
export { type BootstrapResult, bootstrap } from './use-cases/bootstrap.ts';
export { type CiteResult, cite } from './use-cases/cite.ts';
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
