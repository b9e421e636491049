// Run by make-fixture.sh in a checkout of an earlier version: lives a short life in an empty database of its own
// (DATABASE_URL), and prints as JSON what a later version must still know, and every statement that was sent.
import {
  add,
  addInput,
  addMany,
  addManyInput,
  bootstrap,
  bootstrapInput,
  changeInput,
  cite,
  citeInput,
  eraseMemories,
  forgetMemories,
  getInput,
  getMemory,
  historyInput,
  historyOf,
  listInput,
  listMemories,
  markCatalysts,
  markInput,
  query,
  queryInput,
  setTierInput,
  setTiers,
  updateInput,
  updateMemory,
} from '@anima/core';
import pg from 'pg';
import { openStore } from '../../src/index.ts';
import { WordModel, words } from '../word-model.ts';

const sent = new Set<string>();
const send = pg.Client.prototype.query;
pg.Client.prototype.query = function record(this: pg.Client, ...given: unknown[]) {
  const [statement] = given as [string | { text?: string }];
  const text = typeof statement === 'string' ? statement : statement.text;
  if (text) sent.add(text);
  return Reflect.apply(send, this, given);
} as typeof send;

const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };
const store = await openStore({
  ...{ databaseUrl: process.env.DATABASE_URL, dataDir: 'memory://', poolMax: 4, worker: true, model: words, log },
});
const embedder = new WordModel();
const parts = {
  ...{ store, embedder, addEmbedBudgetMs: 30_000, queryEmbedBudgetMs: 30_000 },
  ...{ similarityThreshold: 0.25, ranking: 'hybrid' as const },
};
// What the start alone sends is of the schema, and is not sent by a process that runs already.
sent.clear();

const remember = async (content: string, more = {}) =>
  (await add(parts, addInput.parse({ content, space: 'ada', ...more }))).memory.id;
const tea = await remember('Ada drinks green tea in the morning', { conversationId: 'breakfast', tags: ['drinks'] });
const milk = await remember('Ada takes no milk with her tea', { conversationId: 'breakfast', category: 'habit' });
const robin = await remember('A robin sings in the garden', { occurredAt: '2026-01-02T03:04:05Z', isCatalyst: true });
const old = await remember('Ada lives in London');
const secret = await remember('This one is to be forgotten');
const gone = await remember('This one is to be erased');
await remember('Ada drinks green tea in the morning', { idempotencyKey: 'once' });
await remember('It soon expires', { expiresAt: '2126-01-01T00:00:00Z' });
await addMany(
  parts,
  addManyInput.parse({
    memories: ['one', 'two', 'three'].map((n) => ({ content: `Number ${n} of a list` })),
    space: 'bob',
  }),
);

await store.startWorkers(embedder);
for (let times = 0; times < 6; times += 1) {
  const wanted = { query: 'what does Ada drink with tea', conversationId: `talk ${times}`, space: 'ada', limit: 5 };
  const { recallId } = await query(parts, queryInput.parse(wanted));
  if (times === 0) await cite(parts, citeInput.parse({ recallId, memoryIds: [tea, milk], space: 'ada' }));
}
await updateMemory(parts, updateInput.parse({ memoryId: old, content: 'Ada lives in Turin', space: 'ada' }));
await forgetMemories(store, changeInput.parse({ memoryIds: [secret], space: 'ada' }));
await eraseMemories(parts, changeInput.parse({ memoryIds: [gone], space: 'ada' }));
await setTiers(store, setTierInput.parse({ memoryIds: [robin], tier: 'network', reason: 'dear', space: 'ada' }));
await markCatalysts(store, markInput.parse({ memoryIds: [milk], space: 'ada' }));
await settled();
await bootstrap(parts, bootstrapInput.parse({ space: 'ada' }));

const known = await Promise.all(['ada', 'bob'].map(async (space) => [space, await memoriesOf(space)]));
await historyOf(store, historyInput.parse({ memoryId: tea, space: 'ada' }));
await getMemory(store, getInput.parse({ memoryId: old, space: 'ada' }));
await store.close();
console.log(
  JSON.stringify({
    memories: Object.fromEntries(known),
    statements: [...sent].filter(isOurs).toSorted(),
  }),
);

async function memoriesOf(space: string) {
  const { memories } = await listMemories(store, listInput.parse({ space, limit: 100 }));
  return memories
    .map(({ content, tier, accessCount, resonancePhi, isCatalyst }) => ({
      content,
      tier,
      accessCount,
      resonancePhi,
      isCatalyst,
    }))
    .toSorted((a, b) => a.content.localeCompare(b.content));
}

/** Everything is folded and embedded. */
async function settled(): Promise<void> {
  for (;;) {
    const { folds, pendingEmbeddings } = await store.gauges();
    if (folds.lagEvents === 0 && pendingEmbeddings === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Jobs have a schema of their own, which pg-boss sees to. */
function isOurs(statement: string): boolean {
  return (
    /^\s*(\/\*.*\*\/)?\s*(select|with|insert|update|delete)\b/i.test(statement) &&
    !/pgboss|kysely_|pg_catalog/i.test(statement)
  );
}
