import { availableParallelism } from 'node:os';
import type { Log } from '@anima/core';
import { Piscina } from 'piscina';
import { type Provider, ProviderError } from './provider.ts';

const model = { provider: 'builtin', name: 'energetic-ai/en', dimensions: 512 } as const;

/**
 * The model reads 128 tokens and ignores the rest. Its tokens hold 3.7 characters in conversations and
 * 2.5 in technical prose and code.
 */
const maxCharacters = 320;

/**
 * The sentence model that ships with Anima: offline, English, in threads of its own because a text is
 * tens of milliseconds of pure computation. It loads in the background: texts that come earlier wait.
 */
export function openBuiltin(log: Log): Provider {
  // One core stays for requests and the database. Every thread holds a copy of the model.
  const threads = Math.min(4, Math.max(1, availableParallelism() - 1));
  const pool = new Piscina<readonly string[], Float32Array>({
    filename: new URL('./builtin-worker.ts', import.meta.url).href,
    name: 'embed',
    minThreads: threads,
    maxThreads: threads,
  });
  pool.on('error', (error: unknown) => log.error({ err: error }, 'a thread of the builtin model died'));
  return {
    model,
    maxCharacters,
    maxBatch: 16,
    // No batch takes longer than the longest text: a query behind one still meets its budget.
    maxBatchCharacters: maxCharacters,
    concurrency: threads,
    async embed(texts) {
      try {
        const vectors = await pool.run(texts);
        return texts.map((_, index) => vectors.subarray(index * model.dimensions, (index + 1) * model.dimensions));
      } catch (error) {
        throw new ProviderError('the builtin model failed; if it keeps failing, reinstall the dependencies', {
          mayBlameText: true,
          cause: error,
        });
      }
    },
    close: () => pool.destroy(),
  };
}
