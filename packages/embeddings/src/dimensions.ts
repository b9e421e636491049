import { type Provider, ProviderError } from './provider.ts';
import { withRetries } from './retry.ts';

/**
 * The dimensions of a model that no table knows, found by asking it once, at the first of its addresses
 * that answers.
 *
 * @throws ProviderError when the model does not answer: without it nothing can be stored
 */
export async function probeDimensions(model: string, addresses: readonly Pick<Provider, 'embed'>[]): Promise<number> {
  const { signal } = new AbortController();
  const [answer] = await withRetries(() => firstAnswer(addresses, ['How many dimensions?'], signal), signal);
  if (Array.isArray(answer) && answer.length > 0) return answer.length;
  throw new ProviderError(`the dimensions of model "${model}" are unknown: it did not answer with a vector`);
}

/** @throws what the first address threw, when none answers */
async function firstAnswer(
  [address, ...others]: readonly Pick<Provider, 'embed'>[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  if (!address) throw new Error('a model without an address');
  try {
    return await address.embed(texts, signal);
  } catch (error) {
    if (others.length === 0) throw error;
    return await firstAnswer(others, texts, signal).catch(() => Promise.reject(error));
  }
}
