import type { Candidate, RankedCandidate } from '../candidate.ts';
import { AnimaError } from '../errors.ts';
import type { QueryInput } from '../inputs/memories.ts';
import type { Memory, ScoreBreakdown } from '../memory.ts';
import type { AssociationStore } from '../ports/associations.ts';
import type { Embedder, MemoryStore, RecallHit, RecordedRecall, Space } from '../ports.ts';
import { armDepth, rankHybrid, weightsOf } from '../ranking.ts';
import type { RankingProfile } from '../space-settings.ts';
import { rankStructural } from '../structural.ts';
import { promote, type Tier } from '../tiers.ts';
import { isUnavailable, requestKey } from './add.ts';
import { withinBudget } from './budget.ts';
import { type AssociatedMemory, associatedWith } from './expand.ts';

export interface QueryHit extends Memory, ScoreBreakdown {}

export interface QueryResult {
  readonly memories: readonly QueryHit[];
  readonly count: number;
  readonly query: string;
  /** Names this recall for `cite`; null when nothing was recorded. */
  readonly recallId: string | null;
  /** Whose vectors the space has. */
  readonly embeddingProvider: string;
  /** Set when the model did not answer within its budget: the words alone were searched. */
  readonly degraded?: 'lexical';
  /** A forecast at the position this query saw; the truth is in the log once its event is folded. */
  readonly promotions: readonly { readonly memoryId: string; readonly toTier: Tier }[];
  /** Where the query asked for them: memories associated with its first 20 results, none of them a result itself. */
  readonly associated?: readonly AssociatedMemory[];
}

export interface QueryDependencies {
  readonly store: MemoryStore & Pick<AssociationStore, 'neighbours'>;
  readonly embedder: Embedder;
  /** How long a query waits for the model, ms. */
  readonly queryEmbedBudgetMs: number;
  /** Cosine that a candidate without a matching word needs, where neither the request nor its space names one. */
  readonly similarityThreshold: number;
  /** How results are ordered where neither the request nor its space says so. */
  readonly ranking: RankingProfile;
}

/**
 * Recalls by meaning and words (or, where the structural profile is chosen, by meaning and resonance), and
 * records the recall as one event.
 *
 * @throws AnimaError `VALIDATION_ERROR` for a range of time that is empty, `OVERLOADED` or `UNAVAILABLE` when the event cannot be appended: never an
 * unrecorded answer
 */
export async function query(dependencies: QueryDependencies, input: QueryInput): Promise<QueryResult> {
  const { store, embedder } = dependencies;
  refuseEmptyRange(input);
  const space = await store.openSpace(input.space);
  const vector = await withinBudget(
    dependencies.queryEmbedBudgetMs,
    (signal) => embedder.embedQuery(space, input.query, signal),
    isUnavailable,
  );
  // Structural weight is a matter of vectors: without one, words answer.
  const profile = vector ? (input.ranking ?? space.settings.ranking ?? dependencies.ranking) : 'hybrid';
  const ranked = await rank(dependencies, space, input, profile, vector);
  const hits = ranked.map(({ candidate, breakdown }) => recallHit(candidate, breakdown));
  const [recall, read] = await Promise.all([
    input.record ? record(store, space, input, profile, hits) : undefined,
    store.readMemories(space, ids(hits)),
  ]);
  const answered = recall?.hits ?? hits;
  const memories = sameMemories(answered, hits) ? read : await store.readMemories(space, ids(answered));
  const breakdowns = new Map(answered.map((hit) => [hit.memoryId, hit.breakdown]));
  const results = memories.flatMap(({ embedded: _, ...memory }): QueryHit[] => {
    const breakdown = breakdowns.get(memory.id);
    return breakdown ? [{ ...memory, ...breakdown }] : [];
  });
  const associated = input.expand ? await associatedWith(store, space, ids(answered), input.expand) : undefined;
  return {
    memories: results,
    count: results.length,
    query: input.query,
    recallId: recall?.recallId ?? null,
    embeddingProvider: space.model.provider,
    ...(vector ? {} : { degraded: 'lexical' as const }),
    promotions: recall ? promotionsOf(answered) : [],
    ...(input.expand === undefined ? {} : { associated: associated ?? [] }),
  };
}

function refuseEmptyRange({ from, to }: QueryInput): void {
  // biome-ignore lint/style/noRestrictedGlobals: it compares what the caller gave, and reads no clock
  if (from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)) return;
  const message = 'must not be later than to';
  throw new AnimaError('VALIDATION_ERROR', `from: ${message}`, { details: [{ field: 'from', message }] });
}

async function rank(
  { store, similarityThreshold: ofServer }: QueryDependencies,
  space: Space,
  { limit, query: text, ...input }: QueryInput,
  profile: RankingProfile,
  vector: Float32Array | undefined,
): Promise<RankedCandidate[]> {
  const { tiers, category, tags, from, to } = input;
  const filters = { tiers, category, tags, from, to };
  const similarityThreshold = input.similarityThreshold ?? space.settings.similarityThreshold ?? ofServer;
  if (profile === 'structural' && vector) {
    const candidates = await store.searchStructural(space, { vector, filters, similarityThreshold, limit });
    return rankStructural(candidates, { similarityThreshold, limit });
  }
  const weights = weightsOf(space.settings);
  const neighbours = weights.neighbourTurn > 0;
  const candidates = await store.search(space, { text, vector, filters, depth: Math.max(armDepth, limit), neighbours });
  return rankHybrid(candidates, { similarityThreshold, limit, weights });
}

function record(
  store: MemoryStore,
  space: Space,
  { idempotencyKey, ...input }: QueryInput,
  profile: RankingProfile,
  hits: readonly RecallHit[],
): Promise<RecordedRecall> {
  const conversationId = input.conversationId ?? null;
  return store.recordRecall(space, { hits, conversationId, profile }, requestKey('query', idempotencyKey, input));
}

function recallHit({ memoryId, tier, accessCount }: Candidate, breakdown: ScoreBreakdown): RecallHit {
  const toTier = promote(tier, accessCount, accessCount + 1);
  return toTier === tier ? { memoryId, breakdown } : { memoryId, breakdown, toTier };
}

function promotionsOf(hits: readonly RecallHit[]): QueryResult['promotions'] {
  return hits.flatMap(({ memoryId, toTier }) => (toTier === undefined ? [] : [{ memoryId, toTier }]));
}

function ids(hits: readonly RecallHit[]): string[] {
  return hits.map(({ memoryId }) => memoryId);
}

function sameMemories(a: readonly RecallHit[], b: readonly RecallHit[]): boolean {
  return a.length === b.length && a.every((hit, index) => hit.memoryId === b[index]?.memoryId);
}
