import { structuralWeight } from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { toCandidate } from '../../src/reads/search.ts';
import { searchStructural, structuralStatement } from '../../src/reads/structural-search.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { words } from '../word-model.ts';

/** More than the first lists hold, so that they have to grow. */
const count = 700;

interface Planted {
  readonly memoryId: string;
  readonly category: string;
  readonly chunks: readonly Float32Array[];
  readonly phi: number;
  readonly tier: number;
}

onEveryEngine('a search by structural weight', (opened) => {
  let space: Awaited<ReturnType<ReturnType<typeof opened>['newSpace']>>;
  let planted: readonly Planted[];
  const random = seeded(7);

  beforeAll(async () => {
    space = await opened().newSpace();
    const memories = Array.from({ length: count }, (_, index) =>
      newMemory(`memory ${index}`, { category: index % 10 === 0 ? 'rare' : 'common' }),
    );
    const added = await opened().store.add(space, memories);
    planted = added.map(({ memoryId }, index) => ({
      memoryId,
      category: memories[index]!.category!,
      chunks: Array.from({ length: index % 5 === 0 ? 3 : 1 }, () => unitVector(random)),
      // Spread evenly, so that wherever a list ends somebody stands right behind its end.
      phi: Math.floor(5_000 * random()),
      tier: Math.floor(3 * random()),
    }));
    await opened().store.saveVectors(
      space,
      planted.map(({ memoryId, chunks }) => ({ memoryId, version: 1, chunks })),
    );
    await sql`update memory_state s set phi = p.phi, tier = p.tier
      from jsonb_to_recordset(${JSON.stringify(planted.map(({ memoryId, phi, tier }) => ({ memoryId, phi, tier })))}::jsonb)
        as p("memoryId" uuid, phi int, tier smallint)
      where s.shard = ${space.shard} and s.memory_id = p."memoryId"`.execute(opened().db);
    await sql`analyze`.execute(opened().db);
  });

  const target = (exact: boolean) => ({
    vectorsTable: 'vectors_1',
    vectorColumn: opened().engine.vectorType(words.dimensions).column,
    exact,
  });

  /** Weighs every memory, as the database sees their vectors. */
  const bruteForce = (vector: Float32Array, category: string | undefined, threshold: number, limit: number) =>
    planted
      .filter((memory) => category === undefined || memory.category === category)
      .map(({ memoryId, chunks, phi }) => {
        const similarity = Math.max(...chunks.map((chunk) => cosine(chunk, vector)));
        return { memoryId, similarity, weight: structuralWeight({ similarity, phi }) };
      })
      .filter(({ similarity }) => similarity >= threshold)
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, limit);

  test('is equal to weighing every memory, where its vectors are compared one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([fc.integer(), fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0.1, 0.3, 0.9)] as const),
        fc.constantFrom(undefined, 'rare', 'common', 'none'),
        async (seed, limit, similarityThreshold, category) => {
          const vector = unitVector(seeded(seed));
          const wanted = { vector, filters: { category }, similarityThreshold, limit };
          const { candidates: found } = await searchStructural(opened().db, target(true), space, wanted);
          const weights = found.map((one) => structuralWeight(one));
          const expected = bruteForce(vector, category, similarityThreshold, limit);
          // By weight, not by id: equals may change places.
          expect(weights).toHaveLength(expected.length);
          for (const [index, { weight }] of expected.entries()) expect(weights[index]).toBeCloseTo(weight, 3);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('is proven by lists of any length: nobody whom they leave out could be among the results', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([fc.integer(), fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0.1, 0.3)] as const),
        fc.constantFrom(1, 10, 60, 250),
        async (seed, limit, similarityThreshold, depth) => {
          const vector = unitVector(seeded(seed));
          const wanted = { vector, filters: {}, similarityThreshold, limit };
          const { rows } = await structuralStatement(target(true), space, wanted, depth).execute(opened().db);
          expect(rows[0]!.is_proven).toBe(true);
          const weights = rows.flatMap((row) => (row.memory_id === null ? [] : [structuralWeight(toCandidate(row))]));
          const expected = bruteForce(vector, undefined, similarityThreshold, limit);
          expect(weights).toHaveLength(expected.length);
          for (const [index, { weight }] of expected.entries()) expect(weights[index]).toBeCloseTo(weight, 3);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('misses next to nothing where the HNSW index brings the nearest', async () => {
    let found = 0;
    let wanted = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const vector = unitVector(seeded(seed));
      const search = { vector, filters: {}, similarityThreshold: 0, limit: 20 };
      const { candidates } = await searchStructural(opened().db, target(false), space, search);
      const ids = new Set(candidates.map((one) => one.memoryId));
      const expected = bruteForce(vector, undefined, 0, 20);
      found += expected.filter(({ memoryId }) => ids.has(memoryId)).length;
      wanted += expected.length;
    }
    expect(found / wanted).toBeGreaterThanOrEqual(0.97);
  });

  test('leaves the width of other searches as it was', async () => {
    const before = await sql`show hnsw.ef_search`.execute(opened().db);
    const search = { vector: unitVector(seeded(1)), filters: {}, similarityThreshold: 0, limit: 20 };
    await searchStructural(opened().db, target(false), space, search);
    expect(await sql`show hnsw.ef_search`.execute(opened().db)).toEqual(before);
  });

  test('answers a query that asks for it, with breakdowns that add up, and is recorded as what it is', async () => {
    const [first] = planted;
    const { rows } = await sql<{
      content: string;
    }>`select content from memories where memory_id = ${first!.memoryId}`.execute(opened().db);
    const { memories, recallId } = await opened().query(space, { query: rows[0]!.content, ranking: 'structural' });
    for (const { similarity, phi, structuralWeight: weight, score } of memories) {
      expect(score).toBe(weight);
      expect(weight).toBeCloseTo(0.7 * similarity! + 0.3 * (phi / 5), 10);
    }
    expect(memories.map(({ score }) => score)).toEqual(memories.map(({ score }) => score).toSorted((a, b) => b - a));
    const { rows: events } = await sql<{ payload: unknown }>`select payload from events
      where shard = ${space.shard} and id = ${recallId}`.execute(opened().db);
    expect(events).toEqual([{ payload: { via: 'query', profile: 'structural' } }]);
  });
});

function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Nearly of length 1, of numbers that half precision has exactly: both engines keep it as it is. */
function unitVector(random: () => number): Float32Array {
  const vector = Float32Array.from({ length: words.dimensions }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => Math.round((2_048 * value) / length) / 2_048);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}
