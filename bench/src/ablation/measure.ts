import { startProgress } from '@anima/client/node/progress';
import type { Embedder, Space } from '@anima/core';
import type { ModelServer } from '../cold/model-server.ts';
import { dialogue, questions, repeatedQueries } from '../mix/dialogue.ts';
import { seededRandom } from '../random.ts';
import type { Comparison } from './comparisons.ts';
import type { Databases } from './databases.ts';
import { settleStore } from './fill-store.ts';
import type { Fix } from './fixes.ts';
import { Server } from './server.ts';

/** Times of what succeeded, ms, and how often something failed. */
export interface Side {
  readonly times: number[];
  readonly errors: Map<string, number>;
}

export interface Compared {
  readonly comparison: Comparison;
  readonly callers: number;
  /** The old way, and the one of today. */
  readonly before: Side;
  readonly after: Side;
}

interface MeasureOptions {
  readonly databases: Databases;
  readonly model: ModelServer;
  readonly embedder: Embedder;
  readonly uncached: Embedder;
  readonly space: string;
  readonly slowMs: number;
  readonly callers: number;
  readonly windowMs: number;
  readonly rounds: number;
  readonly seed: number;
}

/** Both ways of every comparison, in turns. */
export async function measureAll(comparisons: readonly Comparison[], options: MeasureOptions): Promise<Compared[]> {
  const texts = newTexts(options.seed);
  await warmUp(options);
  const bar = startProgress('Comparing', comparisons.length * options.rounds);
  const compared: Compared[] = [];
  for (const [index, comparison] of comparisons.entries()) {
    const callers = comparison.callers ?? options.callers;
    const sides = { before: emptySide(), after: emptySide() };
    const ways = { before: new Set(comparison.without), after: new Set<Fix>() };
    for (let round = 0; round < options.rounds; round += 1) {
      // Who is first has the colder caches: they take turns in that too.
      const order = round % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const);
      for (const side of order) {
        const measured = options.databases.of(ways[side]);
        const space: Space = await measured.store.openSpace(options.space);
        const server = new Server({ ...options, measured, space, without: ways[side] });
        await options.model.become(comparison.isModelSlow ? options.slowMs : 0);
        await load(sides[side], callers, options.windowMs, (turn) => perform(server, comparison, texts, turn));
        await options.model.become(0);
        for (const { store } of options.databases.all) await settleStore({ store });
      }
      bar.update(index * options.rounds + round + 1, `${comparison.name}: ${comparison.operation}`);
    }
    compared.push({ comparison, callers, ...sides });
  }
  bar.stop();
  return compared;
}

/** Gives what is asked again and again its vectors, however long that takes, and every pool some connections. */
async function warmUp(options: MeasureOptions): Promise<void> {
  for (const measured of options.databases.all) {
    const space = await measured.store.openSpace(options.space);
    for (const text of repeatedQueries) await options.embedder.embedQuery(space, text);
    const server = new Server({ ...options, measured, space, without: new Set() });
    const asked = Array.from({ length: 10 }, () => repeatedQueries).flat();
    await Promise.all(asked.map((text) => server.query(text)));
    await settleStore(measured);
  }
}

function emptySide(): Side {
  return { times: [], errors: new Map() };
}

function newTexts(seed: number) {
  const turns = dialogue(seededRandom(seed));
  const asked = questions(seededRandom(seed));
  return { nextContent: () => turns.next().value.content, nextQuery: () => asked.next().value };
}

function perform(
  server: Server,
  { operation, asksAnew, converses }: Comparison,
  texts: ReturnType<typeof newTexts>,
  turn: number,
): Promise<void> {
  switch (operation) {
    case 'add':
      return server.add(texts.nextContent());
    case 'query': {
      const text = asksAnew ? texts.nextQuery() : repeatedQueries[turn % repeatedQueries.length];
      return server.query(text ?? '', converses ? `conversation ${turn % 50}` : undefined);
    }
    case 'bootstrap':
      return server.bootstrap();
  }
}

/** Callers that ask one after the other, without a pause; what began in time counts. */
async function load(side: Side, callers: number, windowMs: number, ask: (turn: number) => Promise<void>) {
  const until = performance.now() + windowMs;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let turn = caller; performance.now() < until; turn += callers) {
        const startedAt = performance.now();
        try {
          await ask(turn);
          side.times.push(performance.now() - startedAt);
        } catch (error) {
          const kind = error instanceof Error ? error.message : String(error);
          side.errors.set(kind, (side.errors.get(kind) ?? 0) + 1);
        }
      }
    }),
  );
}
