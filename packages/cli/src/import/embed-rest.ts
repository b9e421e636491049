import { drain } from '@anima/client/node/drain';
import { noProgress, startProgress } from '@anima/client/node/progress';
import type { Connection } from '../connection.ts';

/** A server that ends with this command embeds what is pending first, or says how much is left. */
export async function embedRest({ client }: Connection, isQuiet: boolean, signal: AbortSignal): Promise<number> {
  const pending = async () => (await client.meta.metrics.query()).embeddings.pending;
  const total = await pending();
  const bar = isQuiet ? noProgress : startProgress('Embedding', total);
  try {
    return await drain(pending, { signal, onReading: (left) => bar.update(total - left, `${left} pending`) });
  } finally {
    bar.stop();
  }
}
