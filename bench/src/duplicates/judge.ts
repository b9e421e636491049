import { startProgress } from '@anima/client/node/progress';
import { type Difference, statedDifference } from '@anima/core';
import { type CachedEmbedder, openEmbedder } from '@anima/embeddings';
import type { LabelledPair } from './pairs.ts';

/** Pairs that are embedded at a time. */
const batchSize = 50;

/** A labelled pair, and what model and guard say about it. */
export interface JudgedPair extends LabelledPair {
  readonly cosine: number;
  readonly difference: Difference | undefined;
}

export async function judgeWithBuiltin(pairs: readonly LabelledPair[]): Promise<JudgedPair[]> {
  const warn = (fields: object, message: string) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  const quiet = () => undefined;
  const embedder = await openEmbedder({
    provider: 'builtin',
    cache: { max: 2 * pairs.length + 1, ttlMs: 60_000 },
    log: { debug: quiet, info: quiet, warn, error: warn },
  });
  try {
    return await judge(embedder, pairs);
  } finally {
    await embedder.close();
  }
}

async function judge(embedder: CachedEmbedder, pairs: readonly LabelledPair[]): Promise<JudgedPair[]> {
  const bar = startProgress('Embedding', pairs.length);
  const space = { id: 'duplicates', shard: 0, settings: {}, model: embedder.model };
  const judged: JudgedPair[] = [];
  try {
    for (let start = 0; start < pairs.length; start += batchSize) {
      const batch = pairs.slice(start, start + batchSize);
      const vectors = await embedder.embedContents(
        space,
        batch.flatMap(({ a, b }) => [a, b]),
      );
      for (const [index, pair] of batch.entries()) {
        const [a, b] = [vectors[2 * index]?.[0], vectors[2 * index + 1]?.[0]];
        if (!a || !b) throw new Error('the model gave no vector for a text');
        judged.push({ ...pair, cosine: dot(a, b), difference: statedDifference(pair.a, pair.b) });
      }
      bar.update(judged.length, `${judged.length} pairs`);
    }
  } finally {
    bar.stop();
  }
  return judged;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** What decides that a pair is merged, beside the cosine. */
export const guards = {
  none: () => true,
  /** Numbers, negations, dates, opposites, names and order only: what lists and letters can name. */
  'without words': ({ difference }: JudgedPair) => difference === undefined || difference === 'words',
  full: ({ difference }: JudgedPair) => difference === undefined,
} as const satisfies Record<string, (pair: JudgedPair) => boolean>;

type Guard = keyof typeof guards;

export interface Precision {
  readonly merged: number;
  readonly wronglyMerged: number;
  /** 0–1; null where nothing is merged. */
  readonly precision: number | null;
  /** Share of the true duplicates that are merged, 0–1; null where there are none. */
  readonly recall: number | null;
}

/** What merging at this cosine, with this guard, does to these pairs. */
export function measurePrecision(pairs: readonly JudgedPair[], threshold: number, guard: Guard): Precision {
  const merged = pairs.filter((pair) => pair.cosine >= threshold && guards[guard](pair));
  const rightly = merged.filter(({ same }) => same).length;
  const duplicates = pairs.filter(({ same }) => same).length;
  return {
    merged: merged.length,
    wronglyMerged: merged.length - rightly,
    precision: merged.length > 0 ? rightly / merged.length : null,
    recall: duplicates > 0 ? rightly / duplicates : null,
  };
}
