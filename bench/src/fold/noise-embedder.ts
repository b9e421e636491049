import type { Embedder } from '@anima/core';
import { seededRandom } from '../random.ts';

const dimensions = 64;

/** Vectors that say nothing, at once: for what is measured beside the model. */
export function noiseEmbedder(): Embedder {
  const random = seededRandom(dimensions);
  const vector = () => Float32Array.from({ length: dimensions }, () => random() - 0.5);
  return {
    model: { provider: 'bench', name: 'noise', dimensions },
    embedQuery: async () => vector(),
    embedContents: async (_space, texts) => texts.map(() => [vector()]),
    forget: () => undefined,
  };
}
