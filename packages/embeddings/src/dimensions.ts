import { ProviderError } from './provider.ts';
import { withRetries } from './retry.ts';

/**
 * The dimensions of a model that no table knows, found by asking it once.
 *
 * @throws ProviderError when the model does not answer: without it nothing can be stored
 */
export async function probeDimensions(
  model: string,
  embed: (texts: readonly string[], signal: AbortSignal) => Promise<readonly unknown[]>,
): Promise<number> {
  const { signal } = new AbortController();
  const [answer] = await withRetries(() => embed(['How many dimensions?'], signal), signal);
  if (Array.isArray(answer) && answer.length > 0) return answer.length;
  throw new ProviderError(`the dimensions of model "${model}" are unknown: it did not answer with a vector`);
}
