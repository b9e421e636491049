import type { Corpus } from '@anima/store/corpus';
import { type Operation, operationNames, perform } from '../mix/operations.ts';
import { percentile } from '../percentile.ts';
import { seededRandom } from '../random.ts';
import type { Target } from '../target.ts';
import { batchOf, scaleSpace } from './grow.ts';

interface OperationAtSize {
  readonly operation: Operation;
  /** Of one caller, ms. */
  readonly p50: number;
  readonly p95: number;
  /** Of several callers without a pause. */
  readonly perSecond: number;
}

export interface ServerAtSize {
  readonly operations: readonly OperationAtSize[];
  readonly rssBytes: number;
}

interface MeasureOptions {
  readonly target: Target;
  readonly corpus: Corpus;
  /** Batches that are there, to ask about. */
  readonly batches: number;
  readonly callers: number;
  readonly windowMs: number;
  readonly seed: number;
}

/** Every operation alone: first by one caller, then by several. No text comes twice, so nothing is cached. */
export async function measureSize(options: MeasureOptions): Promise<ServerAtSize> {
  const { target, callers, windowMs } = options;
  const texts = newTexts(options);
  const ask = async (operation: Operation, conversation: number) => {
    const conversationId = `scale ${options.seed} ${conversation}`;
    const user = { baseUrl: target.url, space: scaleSpace, conversationId, ...texts };
    const { error } = await perform(operation, user);
    if (error !== undefined) throw new Error(`${operation} failed: ${error}`);
  };
  const operations: OperationAtSize[] = [];
  for (const operation of operationNames) {
    await load(1, windowMs / 4, (caller) => ask(operation, caller));
    const alone = await load(1, windowMs, (caller) => ask(operation, caller));
    const together = await load(callers, windowMs, (caller) => ask(operation, caller));
    operations.push({
      operation,
      p50: percentile(alone, 50),
      p95: percentile(alone, 95),
      perSecond: (1_000 * together.length) / windowMs,
    });
  }
  const { process: itself } = await target.client.meta.metrics.query();
  return { operations, rssBytes: itself.rssBytes };
}

/** Questions about memories that are there, and memories that are not. */
function newTexts({ corpus, batches, seed }: MeasureOptions) {
  const random = seededRandom(seed);
  const known = Array.from({ length: 40 }, () => batchOf(corpus, Math.floor(batches * random()))).flat();
  let turn = 0;
  return {
    random,
    nextTurn: () => {
      turn += 1;
      return { content: corpus.memory(random).content, conversationId: '', source: `turn ${turn}` };
    },
    nextQuery: () => {
      const memory = known[Math.floor(known.length * random())];
      if (!memory) throw new Error('there is nothing to ask about');
      return corpus.questionAbout(memory, random).content;
    },
  };
}

/** How long each took that was done in time, ms. */
async function load(callers: number, windowMs: number, ask: (caller: number) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + windowMs;
  const caller = async (_: unknown, index: number) => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      await ask(index);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}
