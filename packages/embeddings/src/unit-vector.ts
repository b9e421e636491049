import type { EmbeddingModel } from '@anima/core';
import { ProviderError } from './provider.ts';

/**
 * A model's raw answer for one text, checked and scaled to length 1.
 *
 * @throws ProviderError for anything but finite numbers, one for each dimension, that are not all zero
 */
export function unitVector(answer: unknown, model: EmbeddingModel): Float32Array {
  const refuse = (what: string, advice = 'it stays without its vector') =>
    new ProviderError(`${model.provider} model "${model.name}" gave ${what} for a text; ${advice}`);

  if (!Array.isArray(answer) && !(answer instanceof Float32Array)) throw refuse('something other than a vector');
  if (answer.length !== model.dimensions) {
    throw refuse(
      `a vector of ${answer.length} dimensions instead of ${model.dimensions}`,
      'it is another model, or cannot have the dimensions it is asked for: correct the settings or what is served there',
    );
  }
  let squares = 0;
  for (const value of answer as ArrayLike<unknown> & Iterable<unknown>) {
    if (typeof value !== 'number') throw refuse('a vector with an entry that is not a number');
    squares += value * value;
  }
  if (!Number.isFinite(squares)) throw refuse('a vector with NaN or infinity');
  if (squares === 0) throw refuse('a zero vector');
  const norm = Math.sqrt(squares);
  return Float32Array.from(answer as ArrayLike<number>, (value) => value / norm);
}

/** The direction between unit vectors: how a text stands for itself when the model reads it in parts. */
export function meanDirection(vectors: readonly Float32Array[], model: EmbeddingModel): Float32Array {
  const sum = new Array<number>(model.dimensions).fill(0);
  for (const vector of vectors) {
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value;
  }
  return unitVector(sum, model);
}
