import type {
  AnimaClient,
  BootstrapResult,
  DiscoverResult,
  GetResult,
  HistoryResult,
  Memory,
  QueryHit,
} from '@anima/client';
import { drain } from '@anima/client/node/drain';
import { verifyProjections } from '@anima/client/node/verify-projections';
import { passages } from './passages.ts';

/** Asked by meaning: none of its words are in the passage that it means. */
const question = 'a puzzle nobody can solve';
/** What somebody who reads on comes back to. */
const returning = ['What did the March Hare put into the watch?', 'the watch and the butter', 'a broken watch'];
const conversationId = 'a-reader';

/** What the demo did and saw, step by step. */
export interface DemoStep {
  readonly remembered?: { readonly count: number; readonly ms: number };
  readonly recalled?: { readonly query: string; readonly hits: readonly QueryHit[]; readonly ms: number };
  readonly strengthened?: { readonly queries: number; readonly before: Memory; readonly after: GetResult };
  readonly associated?: { readonly with: GetResult; readonly associations: DiscoverResult['associations'] };
  readonly begun?: { readonly prompt: string; readonly distribution: BootstrapResult['distribution'] };
  readonly told?: { readonly events: HistoryResult['events'] };
  readonly proven?: { readonly events: number; readonly differences: number };
}

/** Remembers a book, reads in it, and looks at what that left. */
export async function* demo(client: AnimaClient, space: string): AsyncGenerator<DemoStep> {
  const memories = passages().map((passage) => ({ ...passage, source: "Alice's Adventures in Wonderland" }));
  const addedAt = performance.now();
  const added = await client.memories.addMany.mutate({ memories, space });
  yield { remembered: { count: added.length, ms: performance.now() - addedAt } };
  await gone(async () => (await client.meta.metrics.query()).embeddings.pending, 'pending embeddings');

  const askedAt = performance.now();
  const answer = await client.memories.query.mutate({ query: question, limit: 2, space, record: false });
  yield { recalled: { query: question, hits: answer.memories, ms: performance.now() - askedAt } };

  yield* readingOn(client, space, new Map(added.map(({ memory }) => [memory.id, memory])));

  const prompt = await client.memories.bootstrap.query({ space, format: 'prompt', tokenBudget: 250 });
  yield { begun: { prompt: prompt.prompt?.text ?? '', distribution: prompt.distribution } };
  yield { proven: await verifyProjections(client) };
}

/** The same is asked in several ways, one result is used, and all of it leaves its traces. */
async function* readingOn(
  client: AnimaClient,
  space: string,
  added: ReadonlyMap<string, Memory>,
): AsyncGenerator<DemoStep> {
  const ask = (query: string) => client.memories.query.mutate({ query, limit: 3, space, conversationId });
  const { memories, recallId } = await ask(returning[0] ?? question);
  const [best] = memories;
  const before = best && added.get(best.id);
  if (!before || recallId === null) throw new Error('the demo found nothing in its own text');
  await client.memories.cite.mutate({ recallId, memoryIds: [best.id], space });
  const again = [...returning.slice(1), ...returning];
  for (const query of again) await ask(query);
  await gone(async () => (await client.meta.metrics.query()).folds.lagEvents, 'events to fold');
  const after = await client.memories.get.query({ memoryId: best.id, space });
  yield { strengthened: { queries: 1 + again.length, before, after } };
  const { associations } = await client.associations.discover.query({ memoryId: best.id, limit: 3, space });
  yield { associated: { with: after, associations } };
  const { events } = await client.memories.history.query({ memoryId: best.id, limit: 10, space });
  yield { told: { events } };
}

async function gone(read: () => Promise<number>, what: string): Promise<void> {
  const left = await drain(read);
  if (left > 0) throw new Error(`${left} ${what} did not become fewer`);
}
