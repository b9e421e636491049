// A process that adds memories to an embedded folder without end, and says which are durable, until it is killed.
import { openStore } from '../../src/index.ts';
import { newMemory } from '../new-memory.ts';
import { words } from '../word-model.ts';

const [dataDir = ''] = process.argv.slice(2);
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };
const store = await openStore({ databaseUrl: undefined, dataDir, poolMax: 1, worker: true, model: words, log });
const space = await store.openSpace('diary');
for (let count = 0; ; count += 1) {
  const batch = Array.from({ length: 4 }, (_, index) => store.add(space, [newMemory(`entry ${count}.${index}`)]));
  for (const outcomes of await Promise.all(batch)) process.stdout.write(`${outcomes[0]?.memoryId}\n`);
}
