import { startProgress } from '@anima/client/node/progress';
import { questions } from '../mix/dialogue.ts';
import { seededRandom } from '../random.ts';
import type { Target } from '../target.ts';
import { zipf } from './zipf.ts';

/** Queries between two looks at the hit rate. */
const windows = 50;

interface StreamOptions {
  readonly space: string;
  readonly texts: number;
  readonly exponent: number;
  readonly queries: number;
  readonly callers: number;
  readonly seed: number;
}

export interface StreamResult {
  /** [queries so far, share of the last window that hit]. */
  readonly hitRates: readonly (readonly [queries: number, rate: number])[];
  /** The same, had every text been kept that was ever asked for. */
  readonly best: readonly (readonly [queries: number, rate: number])[];
  readonly total: { readonly hits: number; readonly misses: number; readonly best: number };
  /** Texts in the order of how often they were asked for. */
  readonly asked: readonly string[];
}

/** Asks what is asked again, some of it often and most of it seldom, from an empty cache on. */
export async function runStream({ client }: Target, options: StreamOptions): Promise<StreamResult> {
  const { space, texts: count, exponent, queries, callers, seed } = options;
  const generated = questions(seededRandom(seed));
  const texts = Array.from({ length: count }, () => generated.next().value);
  const next = zipf(seededRandom(seed + 1), count, exponent);
  const times = new Map<string, number>();
  const perWindow = Math.max(1, Math.floor(queries / windows));
  const hitRates: [number, number][] = [];
  const best: [number, number][] = [];
  const read = async () => (await client.meta.cacheStats.query()).cache;
  const bar = startProgress('Asking', queries);
  const first = await read();
  let before = first;
  let known = 0;
  for (let done = 0; done < queries; done += perWindow) {
    let repeated = 0;
    const stream = Array.from({ length: perWindow }, () => {
      const text = texts[next()] ?? '';
      const asked = times.get(text) ?? 0;
      if (asked > 0) repeated += 1;
      times.set(text, asked + 1);
      return text;
    }).values();
    const caller = async () => {
      for (const query of stream) await client.memories.query.mutate({ query, space, limit: 1, record: false });
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const after = await read();
    const looked = after.hits + after.misses - before.hits - before.misses;
    hitRates.push([done + perWindow, looked === 0 ? 0 : (after.hits - before.hits) / looked]);
    best.push([done + perWindow, repeated / perWindow]);
    known += repeated;
    before = after;
    bar.update(done + perWindow, `${Math.round(100 * (hitRates.at(-1)?.[1] ?? 0))} % hits`);
  }
  bar.stop();
  const asked = [...times].toSorted(([, a], [, b]) => b - a).map(([text]) => text);
  const total = { hits: before.hits - first.hits, misses: before.misses - first.misses };
  return { hitRates, best, total: { ...total, best: known / (windows * perWindow) }, asked };
}

/** Which share of these is known to a server that has just started, each asked once. */
export async function shareKnown({ client }: Target, space: string, texts: readonly string[]): Promise<number> {
  const before = (await client.meta.cacheStats.query()).cache;
  for (const query of texts) await client.memories.query.mutate({ query, space, limit: 1, record: false });
  const after = (await client.meta.cacheStats.query()).cache;
  return (after.hits - before.hits) / texts.length;
}
