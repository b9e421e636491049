import { openMeasured } from '@anima/store/measured';
import { expect, it, onTestFinished } from 'vitest';
import { settleStore } from '../src/ablation/fill-store.ts';
import { recallAll } from '../src/fold/drain-rate.ts';
import { isBounded, searchHardestRate } from '../src/fold/hardest-rate.ts';
import { noiseEmbedder } from '../src/fold/noise-embedder.ts';
import { upsertPairs } from '../src/fold/pair-floor.ts';
import { fillSpaces } from '../src/fold/recalls.ts';
import { measureReplay } from '../src/fold/replay-speed.ts';
import { seededRandom } from '../src/random.ts';

it('the floor writes the very pairs that folding writes, and a replay gives them again', {
  timeout: 60_000,
}, async () => {
  const embedder = noiseEmbedder();
  const measured = await openMeasured({ databaseUrl: undefined, poolMax: 1, worker: true, model: embedder.model });
  onTestFinished(() => measured.close());
  const filled = await fillSpaces(measured, ['one', 'other'], 60);
  const recalls = await recallAll(measured, filled, 40, seededRandom(1));
  await measured.store.startWorkers(embedder);
  await settleStore(measured);
  await upsertPairs(measured, recalls);
  const pairsIn = (table: string) => measured.run(`select space_id, a, b, count from ${table} order by 1, 2, 3`);
  const folded = await pairsIn('associations');
  expect(folded.length).toBeGreaterThan(190);
  expect(await pairsIn('bare_pairs')).toEqual(folded);

  const [probe] = await searchHardestRate({
    ...{ measured, filled, random: seededRandom(2), probeMs: 600, probes: 1, expected: 4, onProbe: () => undefined },
  });
  expect(probe?.rate).toBe(3);
  expect(probe?.samples.length).toBeGreaterThan(0);

  const replays = await measureReplay(measured);
  expect(replays.map(({ projection, differences }) => [projection, differences])).toEqual([
    ['memory_state', 0],
    ['associations', 0],
  ]);
});

const lagOf = (events: (atMs: number) => number) =>
  Array.from({ length: 60 }, (_, index) => [100 * index, events(100 * index), 0] as const);

it('a lag that grows with what comes in is without bound, and one that goes up and down is not', () => {
  expect(
    isBounded(
      lagOf((at) => at / 20),
      100,
      6_000,
    ),
  ).toBe(false);
  expect(
    isBounded(
      lagOf((at) => 40 + 40 * Math.sin(at / 300)),
      100,
      6_000,
    ),
  ).toBe(true);
  expect(
    isBounded(
      lagOf(() => 0),
      100,
      6_000,
    ),
  ).toBe(true);
});
