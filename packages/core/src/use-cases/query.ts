import type { QueryInput } from '../inputs.ts';
import type { Memory, ScoreBreakdown } from '../memory.ts';
import type { Embedder, MemoryStore, RecallHit, RecordedRecall, Space } from '../ports.ts';
import { armDepth, type Candidate, rankHybrid } from '../ranking.ts';
import { promote, type Tier } from '../tiers.ts';
import { isUnavailable, requestKey } from './add.ts';
import { withinBudget } from './budget.ts';

export interface QueryHit extends Memory, ScoreBreakdown {}

export interface QueryResult {
  readonly memories: readonly QueryHit[];
  readonly count: number;
  readonly query: string;
  /** Names this recall for `cite`; null when nothing was recorded. */
  readonly recallId: string | null;
  /** Set when the model did not answer within its budget: the words alone were searched. */
  readonly degraded?: 'lexical';
  /** A forecast at the position this query saw; the truth is in the log once its event is folded. */
  readonly promotions: readonly { readonly memoryId: string; readonly toTier: Tier }[];
}

export interface QueryDependencies {
  readonly store: MemoryStore;
  readonly embedder: Embedder;
  /** How long a query waits for the model, ms. */
  readonly queryEmbedBudgetMs: number;
  /** Cosine that a candidate without a matching word needs, where the request names none. */
  readonly similarityThreshold: number;
}

/**
 * Recalls by meaning and words, and records the recall as one event.
 *
 * @throws AnimaError `OVERLOADED` or `UNAVAILABLE` when the event cannot be appended: never an
 * unrecorded answer
 */
export async function query(dependencies: QueryDependencies, input: QueryInput): Promise<QueryResult> {
  const { store, embedder } = dependencies;
  const space = await store.openSpace(input.space);
  const vector = await withinBudget(
    dependencies.queryEmbedBudgetMs,
    (signal) => embedder.embedQuery(space, input.query, signal),
    isUnavailable,
  );
  const candidates = await store.search(space, {
    text: input.query,
    vector,
    tiers: input.tiers,
    category: input.category,
    tags: input.tags,
    depth: Math.max(armDepth, input.limit),
  });
  const ranked = rankHybrid(candidates, {
    similarityThreshold: input.similarityThreshold ?? dependencies.similarityThreshold,
    limit: input.limit,
  });
  const hits = ranked.map(({ candidate, breakdown }) => recallHit(candidate, breakdown));
  const [recall, read] = await Promise.all([
    input.record ? record(store, space, input, hits) : undefined,
    store.readMemories(space, ids(hits)),
  ]);
  const answered = recall?.hits ?? hits;
  const memories = sameMemories(answered, hits) ? read : await store.readMemories(space, ids(answered));
  const breakdowns = new Map(answered.map((hit) => [hit.memoryId, hit.breakdown]));
  const results = memories.flatMap(({ embedded: _, ...memory }): QueryHit[] => {
    const breakdown = breakdowns.get(memory.id);
    return breakdown ? [{ ...memory, ...breakdown }] : [];
  });
  return {
    memories: results,
    count: results.length,
    query: input.query,
    recallId: recall?.recallId ?? null,
    ...(vector ? {} : { degraded: 'lexical' as const }),
    promotions: recall ? promotionsOf(answered) : [],
  };
}

function record(
  store: MemoryStore,
  space: Space,
  { idempotencyKey, ...input }: QueryInput,
  hits: readonly RecallHit[],
): Promise<RecordedRecall> {
  const conversationId = input.conversationId ?? null;
  return store.recordRecall(space, { hits, conversationId }, requestKey('query', idempotencyKey, input));
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
