import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedder } from '@anima/core';
import { Corpus } from '@anima/store/corpus';
import { openMeasured } from '@anima/store/measured';
import { expect, it, onTestFinished } from 'vitest';
import { growthExponent } from '../src/fit-line.ts';
import { seededRandom } from '../src/random.ts';
import { batchOf, grow } from '../src/scale/grow.ts';
import { reasonToSkip } from '../src/scale/scale-command.ts';

function corpusEmbedder(corpus: Corpus): Embedder {
  const vectorOf = (text: string) => corpus.vectorOf(corpus.read(text));
  return {
    model: { provider: 'bench', name: 'corpus', dimensions: corpus.dimensions },
    embedQuery: async (_space, text) => vectorOf(text),
    embedContents: async (_space, texts) => texts.map((text) => [vectorOf(text)]),
    forget: () => undefined,
  };
}

it('a space that holds a part grows on, and is then as if its memories had been added', {
  timeout: 90_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const place = { databaseUrl: undefined, folder: join(folder, 'data') };
  const corpus = new Corpus(seededRandom(1));
  corpus.learnWords();
  const embedder = corpusEmbedder(corpus);
  const seen: number[] = [];
  const options = { place, embedder, corpus, onProgress: (done: number) => void seen.push(done) };
  expect(await grow({ ...options, size: 20 })).toMatchObject({ from: 0, sizes: { memories: 20 } });
  const grown = await grow({ ...options, size: 50 });
  expect(grown).toMatchObject({ from: 20, sizes: { memories: 50 } });
  expect(grown.sizes.vectorIndexBytes).toBeGreaterThan(0);
  expect(seen).toEqual([20, 50]);

  const measured = await openMeasured({ ...place, poolMax: 1, worker: false, model: embedder.model });
  onTestFinished(() => measured.close());
  const [row] = await measured.run(
    `select (select count(*)::int from events where type = 'memory.added') as added,
       (select count(*)::int from memory_state) as states, (select count(*)::int from conversation_turns) as turns,
       (select count(*)::int from ${measured.vectors.table}) as vectors,
       (select sum(memories)::int from lexemes) as words, (select sum(length(fts))::int from memories) as "wordsOfAll",
       (select sum(h.position - c.position)::int from shard_heads h join fold_checkpoints c using (shard)
        where c.projection not like 'consolidated%') as behind`,
  );
  // What came again was recognised: its turns are there twice, as those of a duplicate are.
  expect(row).toMatchObject({ added: 50, states: 50, vectors: 50, turns: 70, behind: 0 });
  expect((row as { words: number }).words).toBe((row as { wordsOfAll: number }).wordsOfAll);
});

it('a batch is the same whenever it is made', () => {
  const made = () => {
    const corpus = new Corpus(seededRandom(1));
    corpus.learnWords();
    return corpus;
  };
  const [one, other] = [made(), made()];
  batchOf(other, 3);
  expect(batchOf(one, 7)).toEqual(batchOf(other, 7));
  const [text] = batchOf(one, 7);
  if (!text) throw new Error('a batch is empty');
  expect(one.read(text.content)).toEqual(text);
  expect(one.vectorOf(text)).toEqual(other.vectorOf(text));
});

it('the exponent of what grows as the square root is a half', () => {
  const sizes = [1_000, 10_000, 100_000];
  expect(growthExponent(sizes.map((size) => [size, 3 * Math.sqrt(size)]))).toBeCloseTo(0.5);
  expect(growthExponent(sizes.map((size) => [size, 7]))).toBeCloseTo(0);
  expect(growthExponent([[1_000, 7]])).toBeUndefined();
});

it('a size that is left out says why', () => {
  const last = { size: 10_000, from: 1_000, growMs: 9_000, indexMs: 10_000 };
  const chances = { engine: 'postgres' as const, left: 10, last: last as never };
  expect(reasonToSkip(100_000, chances)).toBeUndefined();
  expect(reasonToSkip(1_000_000, chances)).toBe('it would take about 34 minutes, and 10 are left');
  expect(reasonToSkip(100_000, { ...chances, left: -1 })).toBe('no time was left');
  expect(reasonToSkip(1_000_000, { ...chances, engine: 'pglite' })).toContain('up to 100000');
});
