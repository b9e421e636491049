import type { Embedder, EmbeddingModel } from '@anima/core';
import { z } from 'zod';

const answer = z.object({ embeddings: z.array(z.array(z.number())) });

/** Asks a model by a call for each request, as often as the same text comes. */
export function uncachedEmbedder(url: string, model: EmbeddingModel): Embedder {
  const embed = async (input: readonly string[]): Promise<Float32Array[]> => {
    const response = await fetch(`${url}/api/embed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: model.name, input }),
    });
    return answer.parse(await response.json()).embeddings.map(unit);
  };
  return {
    model,
    embedQuery: async (_space, text) => {
      const [vector] = await embed([text]);
      if (!vector) throw new Error('the model answered without a vector');
      return vector;
    },
    embedContents: async (_space, texts) => (await embed(texts)).map((vector) => [vector]),
    forget: () => undefined,
  };
}

function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}
