import { openEmbedder } from '@anima/embeddings';
import { openMeasured, quietLog } from '@anima/store/measured';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { comparisons } from '../src/ablation/comparisons.ts';
import { fillStore, settleStore } from '../src/ablation/fill-store.ts';
import { allFixes, type Fix } from '../src/ablation/fixes.ts';
import { scanForDuplicate } from '../src/ablation/old-ways.ts';
import { Server } from '../src/ablation/server.ts';
import { uncachedEmbedder } from '../src/ablation/uncached-embedder.ts';
import { startModelServer } from '../src/cold/model-server.ts';

const stack = new AsyncDisposableStack();
let parts: Awaited<ReturnType<typeof open>>;

async function open() {
  const model = stack.use(await startModelServer());
  const cache = { max: 1_000, ttlMs: 3_600_000 };
  const embedder = await openEmbedder({ provider: 'ollama', url: model.url, model: 'bench', cache, log: quietLog });
  stack.defer(() => embedder.close());
  const measured = await openMeasured({ databaseUrl: undefined, poolMax: 1, worker: true, model: embedder.model });
  stack.defer(() => measured.close());
  await measured.store.startWorkers(embedder);
  const size = { memories: 40, queries: 0, seed: 1 };
  await fillStore(measured, { embedder, space: 'new', ...size });
  await fillStore(measured, { embedder, space: 'old', ...size });
  return { measured, embedder, uncached: uncachedEmbedder(model.url, embedder.model) };
}

beforeAll(async () => {
  parts = await open();
}, 60_000);
afterAll(() => stack.disposeAsync());

async function serverOf(name: string, without: readonly Fix[]) {
  return new Server({ ...parts, space: await parts.measured.store.openSpace(name), without: new Set(without) });
}

/** What every memory of a space became, by its content. */
function statesOf(space: string) {
  return parts.measured.run(
    `select m.content, s.access_count, s.phi, s.tier from memory_state s join memories m using (shard, space_id, memory_id)
     where space_id = $1 order by m.content`,
    [space],
  );
}

function pairsOf(space: string) {
  return parts.measured.run(
    `select least(a.content, b.content) as one, greatest(a.content, b.content) as other, p.count from associations p
     join memories a on a.shard = p.shard and a.space_id = p.space_id and a.memory_id = p.a
     join memories b on b.shard = p.shard and b.space_id = p.space_id and b.memory_id = p.b
     where p.space_id = $1 order by 1, 2`,
    [space],
  );
}

it('the old ways of a query do the work that is done behind the answer today', async () => {
  const today = await serverOf('new', []);
  const old = await serverOf('old', ['pairs', 'updates', 'cache']);
  for (let turn = 0; turn < 6; turn += 1) {
    await today.query('What did Ada buy for the garden?', 'one');
    await old.query('What did Ada buy for the garden?', 'one');
  }
  await settleStore(parts.measured);
  const pairs = await pairsOf('old');
  expect(pairs).toHaveLength(190);
  expect(pairs).toEqual(await pairsOf('new'));
  const states = await statesOf('old');
  expect(states.filter((state) => (state as { tier: number }).tier === 1)).toHaveLength(20);
  expect(states).toEqual(await statesOf('new'));
});

it('the scan finds what says the same, and nothing else', async () => {
  const { measured, uncached } = parts;
  const space = await measured.store.openSpace('old');
  const [known] = await measured.run<{ memory_id: string; content: string }>(
    'select memory_id, content from memories where space_id = $1 limit 1',
    ['old'],
  );
  const scan = async (text: string) => scanForDuplicate(measured, space, await uncached.embedQuery(space, text));
  expect(await scan(known?.content ?? '')).toBe(known?.memory_id);
  expect(await scan('nothing of the kind was ever said')).toBeUndefined();
});

it('every fix is turned back alone, and all of them together', () => {
  const alone = comparisons.flatMap(({ without }) => (without.length === 1 ? without : []));
  expect(new Set(alone)).toEqual(new Set(allFixes));
  expect(comparisons.filter(({ without }) => without.length > 1).map(({ operation }) => operation)).toEqual([
    'add',
    'query',
    'bootstrap',
  ]);
});
