import type { Candidate, RankedCandidate } from '../candidate.ts';
import { refusal } from '../errors.ts';
import type { QueryInput } from '../inputs/memories.ts';
import type { Memory, ScoreBreakdown } from '../memory.ts';
import type { AssociationStore } from '../ports/associations.ts';
import type { Moment, PastCandidate, PastStore } from '../ports/history.ts';
import type {
  Embedder,
  Found,
  MemoryStore,
  Recall,
  RecallHit,
  RecordedRecall,
  Search,
  Space,
  StructuralSearch,
} from '../ports.ts';
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
  /** The moment that was asked about; absent for now. */
  readonly asOf?: Moment;
}

export interface QueryDependencies {
  readonly store: MemoryStore & PastStore & Pick<AssociationStore, 'neighbours'>;
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
 * records the recall as one event. With `asOf`, recalls what it would have then, and records nothing.
 *
 * @throws AnimaError `VALIDATION_ERROR` for a range of time that is empty, a moment that is not there yet, or one that
 * is to be recorded; `OVERLOADED` or `UNAVAILABLE` when the event cannot be appended: never an unrecorded answer
 */
export async function query(dependencies: QueryDependencies, input: QueryInput): Promise<QueryResult> {
  const { store, embedder } = dependencies;
  refuseEmptyRange(input);
  const isRecorded = input.record ?? input.asOf === undefined;
  if (isRecorded && input.asOf !== undefined)
    throw refusal('record', 'must not be true where asOf asks about the past');
  const space = await store.openSpace(input.space);
  const [vector, moment] = await Promise.all([
    withinBudget(
      dependencies.queryEmbedBudgetMs,
      (signal) => embedder.embedQuery(space, input.query, signal),
      isUnavailable,
    ),
    input.asOf === undefined ? undefined : store.findMoment(space, input.asOf),
  ]);
  // Structural weight is a matter of vectors: without one, words answer.
  const profile = vector ? (input.ranking ?? space.settings.ranking ?? dependencies.ranking) : 'hybrid';
  const degraded = vector ? {} : { degraded: 'lexical' as const };
  if (moment) return { ...(await queryThen(dependencies, space, input, profile, vector, moment)), ...degraded };
  const { ranked, statePosition } = await rankNow(dependencies, space, input, profile, vector);
  const hits = ranked.map(({ candidate, breakdown }) => recallHit(candidate, breakdown));
  const [recall, read] = await Promise.all([
    isRecorded ? record(store, space, input, { profile, hits, statePosition }) : undefined,
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
    ...degraded,
    promotions: recall ? promotionsOf(answered) : [],
    ...(input.expand === undefined ? {} : { associated: associated ?? [] }),
  };
}

/** What the query would have recalled then, ranked by the states of then. */
async function queryThen(
  dependencies: QueryDependencies,
  space: Space,
  input: QueryInput,
  profile: RankingProfile,
  vector: Float32Array | undefined,
  moment: Moment,
): Promise<QueryResult> {
  const { store } = dependencies;
  const states = new Map<string, PastCandidate['past']>();
  const found = (candidates: readonly PastCandidate[]) => {
    for (const { memoryId, past } of candidates) states.set(memoryId, past);
    return { candidates, statePosition: moment.position };
  };
  const { ranked } = await rank(dependencies, space, input, profile, vector, {
    search: async (wanted) => found(await store.searchThen(space, wanted, moment)),
    searchStructural: async (wanted) => found(await store.searchStructuralThen(space, wanted, moment)),
  });
  const breakdowns = new Map(ranked.map(({ candidate, breakdown }) => [candidate.memoryId, breakdown]));
  const ordered = [...breakdowns.keys()].flatMap((id) => {
    const past = states.get(id);
    return past ? [[id, past] as const] : [];
  });
  const memories = await store.readThen(space, new Map(ordered));
  const results = memories.flatMap((memory): QueryHit[] => {
    const breakdown = breakdowns.get(memory.id);
    return breakdown ? [{ ...memory, ...breakdown }] : [];
  });
  return {
    memories: results,
    count: results.length,
    query: input.query,
    recallId: null,
    embeddingProvider: space.model.provider,
    promotions: [],
    asOf: moment,
  };
}

function refuseEmptyRange({ from, to }: QueryInput): void {
  // biome-ignore lint/style/noRestrictedGlobals: it compares what the caller gave, and reads no clock
  if (from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)) return;
  throw refusal('from', 'must not be later than to');
}

/** What is searched: the space as it is, or as it was. */
interface Searched {
  search(wanted: Search): Promise<Found>;
  searchStructural(wanted: StructuralSearch): Promise<Found>;
}

function rankNow(
  dependencies: QueryDependencies,
  space: Space,
  input: QueryInput,
  profile: RankingProfile,
  vector: Float32Array | undefined,
) {
  const { store } = dependencies;
  return rank(dependencies, space, input, profile, vector, {
    search: (wanted) => store.search(space, wanted),
    searchStructural: (wanted) => store.searchStructural(space, wanted),
  });
}

async function rank(
  { similarityThreshold: ofServer }: QueryDependencies,
  space: Space,
  { limit, query: text, ...input }: QueryInput,
  profile: RankingProfile,
  vector: Float32Array | undefined,
  searched: Searched,
): Promise<{ readonly ranked: readonly RankedCandidate[]; readonly statePosition: number }> {
  const { tiers, category, tags, from, to } = input;
  const filters = { tiers, category, tags, from, to };
  const similarityThreshold = input.similarityThreshold ?? space.settings.similarityThreshold ?? ofServer;
  if (profile === 'structural' && vector) {
    const found = await searched.searchStructural({ vector, filters, similarityThreshold, limit });
    const ranked = rankStructural(found.candidates, { similarityThreshold, limit });
    return { ranked, statePosition: found.statePosition };
  }
  const weights = weightsOf(space.settings);
  const neighbours = weights.neighbourTurn > 0;
  const depth = Math.max(armDepth, limit);
  const found = await searched.search({ text, vector, filters, depth, neighbours });
  const ranked = rankHybrid(found.candidates, { similarityThreshold, limit, weights });
  return { ranked, statePosition: found.statePosition };
}

function record(
  store: MemoryStore,
  space: Space,
  { idempotencyKey, ...input }: QueryInput,
  recall: Omit<Recall, 'conversationId'>,
): Promise<RecordedRecall> {
  const conversationId = input.conversationId ?? null;
  const request = requestKey('query', idempotencyKey, { ...input, record: true });
  return store.recordRecall(space, { ...recall, conversationId }, request);
}

function recallHit({ memoryId, version, tier, accessCount }: Candidate, breakdown: ScoreBreakdown): RecallHit {
  const toTier = promote(tier, accessCount, accessCount + 1);
  return { memoryId, version, breakdown, ...(toTier === tier ? {} : { toTier }) };
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
