import { type AssociatedMemory, type Memory, type QueryHit, type ScoreTerms, tiers } from '@anima/core';
import { z } from 'zod';

const time = z.iso.datetime();

/** What each term gave a score. */
const scoreTerms = z.object({
  similarity: z.number(),
  lexical: z.number(),
  conversation: z.number(),
  neighbour_turn: z.number(),
  resonance: z.number(),
});

/** A memory as REST shows it. */
export const memoryView = z
  .object({
    id: z.uuid(),
    content: z.string(),
    content_hash: z.string().describe('SHA-256 of the content, hex'),
    tier: z.enum(tiers),
    category: z.string().nullable(),
    tags: z.array(z.string()).readonly(),
    source: z.string().nullable(),
    access_count: z.int().min(0),
    last_accessed: time,
    resonance_phi: z.number().min(0).max(5),
    is_catalyst: z.boolean(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Memory', description: 'A memory with the state that its accesses have given it so far' });

/** A memory that a query found, with why it stands where it stands. */
export const recalledMemoryView = memoryView
  .extend({
    similarity: z.number().nullable().describe('Cosine to the query; null when no vector was there to compare'),
    lexical: z.number().min(0).max(1).describe("ts_rank as a share of the best candidate's"),
    structural_weight: z.number().describe('0.7·similarity + 0.3·φ/5, for information'),
    score: z.number().describe('What the results are ordered by'),
    terms: scoreTerms.describe('What each term gave the score; together they are the score'),
  })
  .meta({ id: 'RecalledMemory', description: 'A memory that a query found, with its scores' });

/** A memory that is associated with a result of a query. */
export const associatedView = z.object({
  memory: memoryView,
  strength: z.number().min(0).max(1).describe('log10(1 + count) / 10'),
  via: z.uuid().describe('The result that it is associated with'),
  count: z.int().min(1).describe('How often the two were recalled together'),
});

/** Why a result stood where it stood. */
export const breakdownView = z.object({
  similarity: z.number().nullable(),
  lexical: z.number(),
  phi: z.number(),
  structural_weight: z.number(),
  score: z.number(),
  terms: scoreTerms,
});

/** A place in the log of a space's shard. */
export const momentView = z.object({
  position: z.int().min(0),
  at: time.nullable().describe('When its event was recorded; null before the first'),
});

export function viewTerms(terms: ScoreTerms): z.output<typeof scoreTerms> {
  const { similarity, lexical, conversation, neighbourTurn, resonance } = terms;
  return { similarity, lexical, conversation, neighbour_turn: neighbourTurn, resonance };
}

export function viewMemory(memory: Memory): z.output<typeof memoryView> {
  return {
    id: memory.id,
    content: memory.content,
    content_hash: memory.contentHash,
    tier: memory.tier,
    category: memory.category,
    tags: memory.tags,
    source: memory.source,
    access_count: memory.accessCount,
    last_accessed: memory.lastAccessed,
    resonance_phi: memory.resonancePhi,
    is_catalyst: memory.isCatalyst,
    created_at: memory.createdAt,
    updated_at: memory.updatedAt,
  };
}

export function viewRecalledMemory(hit: QueryHit): z.output<typeof recalledMemoryView> {
  return {
    ...viewMemory(hit),
    similarity: hit.similarity,
    lexical: hit.lexical,
    structural_weight: hit.structuralWeight,
    score: hit.score,
    terms: viewTerms(hit.terms),
  };
}

export function viewAssociated({ memory, ...association }: AssociatedMemory): z.output<typeof associatedView> {
  return { memory: viewMemory(memory), ...association };
}
