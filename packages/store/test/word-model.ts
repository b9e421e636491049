import { AnimaError, type Embedder, type EmbeddingModel, type Space } from '@anima/core';

/** The model of these tests. */
export const words: EmbeddingModel = { provider: 'test', name: 'words', dimensions: 64 };

/** Another one: it counts pairs of letters. */
export const letters: EmbeddingModel = { provider: 'test', name: 'letters', dimensions: 32 };

/**
 * A model whose vectors count words by their hash: deterministic, near for texts that share words, and
 * it behaves as it is told. Paragraphs are chunks.
 */
export class WordModel implements Embedder {
  readonly model = words;
  /** How long it takes, ms. */
  delayMs = 0;
  /** Whether it answers at all. */
  isDown = false;
  /** Texts that it fails on, though it answers otherwise. */
  refuses: (text: string) => boolean = () => false;
  readonly asked: string[] = [];

  async embedQuery({ model }: Space, text: string): Promise<Float32Array> {
    await this.#answer([text]);
    return vectorOf(text, model);
  }

  async embedContents({ model }: Space, texts: readonly string[]): Promise<Float32Array[][]> {
    await this.#answer(texts);
    return texts.map((text) => text.split('\n\n').map((chunk) => vectorOf(chunk, model)));
  }

  forget(): void {
    // It remembers nothing.
  }

  async #answer(texts: readonly string[]): Promise<void> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.isDown) throw new AnimaError('UNAVAILABLE', 'the model does not answer');
    if (texts.some(this.refuses)) throw new AnimaError('UNAVAILABLE', 'the model cannot take this text');
    this.asked.push(...texts);
  }
}

/** A unit vector; of `words`, texts that share half their words have a cosine of about 0.5. */
export function vectorOf(text: string, { name, dimensions }: EmbeddingModel = words): Float32Array {
  const vector = new Float32Array(dimensions);
  const lower = text.toLowerCase();
  const counted =
    name === letters.name ? Array.from(lower, (_, at) => lower.slice(at, at + 2)) : lower.match(/[a-z0-9]+/g);
  for (const part of counted ?? []) {
    let hash = 0x811c9dc5;
    for (const letter of part) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    const place = (hash >>> 0) % dimensions;
    vector[place] = vector[place]! + 1;
  }
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  return length === 0 ? vector : vector.map((value) => value / length);
}
