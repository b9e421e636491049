import { applyImport, exportSpace, type ImportStep, type Space, stageImport } from '@anima/core';
import { countLexemes } from '../src/jobs/count-lexemes.ts';
import type { Opened } from './engines.ts';

/** A memory of every kind of life, events of every type, and words of every kind of history. */
export async function live(opened: Opened, space: Space): Promise<void> {
  const { store } = opened;
  const add = async (content: string, more: object = {}) => (await opened.add(space, { content, ...more })).memory.id;
  const monday = { conversationId: 'monday', occurredAt: '2023-05-07T10:00:00.123456+02:00' };
  const kept = await add('Ada prefers green tea \u2028 to coffee "in the morning"', {
    ...monday,
    ...{ category: 'taste', tags: ['tea', 'ü'], source: 'diary', isCatalyst: true },
  });
  const updated = await add('Ada lives in Paris', { ...monday, expiresAt: '9999-12-31T23:59:59.999999Z' });
  const forgotten = await add('a red kite', { occurredAt: '0001-01-01T00:00:00Z' });
  const revived = await add('a blue kite');
  const erased = await add('a secret kite', monday);
  const survivor = await add('we meet on Monday');
  const merged = await add('we meet on Monday!', { conversationId: 'tuesday' });
  const parted = await add('we meet on Monday?');
  const { recallId } = await opened.query(space, { query: 'kite Monday', conversationId: 'tuesday' });
  await store.cite(space, recallId!, [revived]);
  await store.update(space, updated, { content: 'Ada lives in Rome', tags: ['city'] });
  await store.update(space, updated, { content: 'Ada lives in Oslo' });
  await store.setTier(space, [survivor, erased], 'network', 'everything hangs on it');
  await store.forget(space, [forgotten, revived]);
  await opened.add(space, { content: 'a blue kite', conversationId: 'tuesday' });
  await store.erase(space, [erased]);
  await store.merge(space, [survivor, merged], 0.987654321);
  await store.merge(space, [survivor, parted], 0.96);
  await store.unmerge(space, parted);
  await store.mark(space, [kept], false);
  await store.configure(space, { ranking: 'structural', similarityThreshold: 0.3 });
  for (let round = 0; round < 6; round += 1) {
    await opened.query(space, { query: 'Ada Monday kite', conversationId: 'wednesday' });
  }
}

export async function linesOf({ store }: Opened, space: Space): Promise<string[]> {
  const lines: string[] = [];
  for await (const step of exportSpace(store, { space: space.id })) lines.push(...step.lines);
  return lines;
}

/** What a file's trailer says of it. */
export const digestOf = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).sha256;

export async function send({ store }: Opened, lines: readonly string[], space: string, batch = 7): Promise<void> {
  for (let after = 0; after < lines.length; after += batch) {
    await stageImport(store, { space, digest: digestOf(lines), after, lines: lines.slice(after, after + batch) });
  }
}

export async function stepsOf(steps: AsyncIterable<ImportStep>): Promise<ImportStep[]> {
  const all: ImportStep[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

export async function importLines(opened: Opened, lines: readonly string[], space: string): Promise<Space> {
  await send(opened, lines, space);
  await stepsOf(applyImport(opened.store, { space, digest: digestOf(lines) }));
  return opened.store.openSpace(space);
}

export async function settled(opened: Opened, space: Space): Promise<void> {
  await opened.fold(space, 3);
  while ((await countLexemes(opened.db, space.shard, 7)) > 0);
}
