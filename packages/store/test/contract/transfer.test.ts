import { createHash } from 'node:crypto';
import { applyImport, exportSpace, type ImportStep, type Space, stageImport } from '@anima/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { countLexemes } from '../../src/jobs/count-lexemes.ts';
import { type EngineKind, Opened, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { replayed, stored } from '../replay.ts';

/** A memory of every kind of life, events of every type, and words of every kind of history. */
async function live(opened: Opened, space: Space): Promise<void> {
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

async function linesOf({ store }: Opened, space: Space): Promise<string[]> {
  const lines: string[] = [];
  for await (const step of exportSpace(store, { space: space.id })) lines.push(...step.lines);
  return lines;
}

/** What a file's trailer says of it. */
const digestOf = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).sha256;

async function send({ store }: Opened, lines: readonly string[], space: string, batch = 7): Promise<void> {
  for (let after = 0; after < lines.length; after += batch) {
    await stageImport(store, { space, digest: digestOf(lines), after, lines: lines.slice(after, after + batch) });
  }
}

async function stepsOf(steps: AsyncIterable<ImportStep>): Promise<ImportStep[]> {
  const all: ImportStep[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

async function importLines(opened: Opened, lines: readonly string[], space: string): Promise<Space> {
  await send(opened, lines, space);
  await stepsOf(applyImport(opened.store, { space, digest: digestOf(lines) }));
  return opened.store.openSpace(space);
}

/** Everything that a space is, without its name, its shard and the positions of its log. */
async function everythingOf({ db, store }: Opened, { id, shard }: Space): Promise<Record<string, unknown[]>> {
  const position = sql`(select count(*) from events o where o.shard = t.shard and o.space_id = t.space_id and o.position <= `;
  const tables = {
    events: sql`t.*, ${position} t.position) as place`,
    memories: sql`t.*`,
    memory_versions: sql`t.*`,
    conversations: sql`t.*`,
    conversation_turns: sql`t.*, ${position} t.ordinal) as place`,
    citations: sql`t.*`,
    tier_reasons: sql`t.*, ${position} t.position) as place`,
    memory_state: sql`t.*`,
    merge_groups: sql`t.*, ${position} t.merged_at) as place`,
    tier_changes: sql`t.*, ${position} t.position) as place`,
    associations: sql`t.*`,
    lexemes: sql`t.*`,
  };
  const found: Record<string, unknown[]> = {};
  for (const [name, columns] of Object.entries(tables)) {
    const { rows } = await sql<{ row: string }>`
      select (to_jsonb(r) - '{shard,space_id,position,ordinal,merged_at,actor}'::text[])::text as row
      from (select ${columns} from ${sql.table(name)} t where t.shard = ${shard} and t.space_id = ${id}) r
      order by 1`.execute(db);
    found[name] = rows.map(({ row }) => row);
  }
  found.settings = [(await store.openSpace(id)).settings];
  return found;
}

async function settled(opened: Opened, space: Space): Promise<void> {
  await opened.fold(space, 3);
  while ((await countLexemes(opened.db, space.shard, 7)) > 0);
}

const kinds: readonly EngineKind[] = inject('postgres') ? ['pglite', 'postgres'] : ['pglite'];

describe.each(kinds.flatMap((from) => kinds.map((to) => ({ from, to }))))('from $from to $to', ({ from, to }) => {
  let source: Opened;
  let target: Opened;
  beforeAll(async () => {
    [source, target] = [await Opened.open(from), await Opened.open(to)];
  });
  afterAll(async () => {
    await source.close();
    await target.close();
  });

  test('a space that was exported and imported is equal in every row, folded, counted and replayed', async () => {
    const space = await source.newSpace();
    // Neighbours in the log, so that positions have gaps.
    const beside = await source.newSpace({ beside: space });
    await source.add(beside, 'a neighbour');
    await live(source, space);
    await source.add(beside, 'another neighbour');
    await settled(source, space);
    const lines = await linesOf(source, space);

    await target.add(await target.newSpace(), 'somebody else');
    const there = await importLines(target, lines, target.newName());
    await settled(target, there);
    expect(await everythingOf(target, there)).toEqual(await everythingOf(source, space));
    expect(await stored(target.db, there.shard)).toEqual(await replayed(target.db, there.shard));
    for await (const step of target.store.rebuild({ verify: true })) {
      if (step.type === 'report') expect(step.report.differences).toEqual([]);
    }
    const again = await linesOf(target, there);
    const without = ({ space: _, exportedAt: _at, position: _position, ...header }: Record<string, unknown>) => header;
    expect(without(JSON.parse(again[0]!))).toEqual(without(JSON.parse(lines[0]!)));
    expect(again.slice(1, -1)).toEqual(lines.slice(1, -1));
  });

  test('every table that has rows of a space is in a file, or follows from what is', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'space_id' and table_name not like 'vectors\\_%' order by 1`.execute(
      source.db,
    );
    const there = Object.keys(await everythingOf(source, await source.newSpace())).filter(
      (name) => name !== 'settings',
    );
    // Receipts of this server's clients, caches and what waits for its model, and imports themselves.
    const own = ['requests', 'query_vectors', 'embedding_failures', 'imports', 'import_lines', 'spaces'];
    expect(rows.map(({ name }) => name)).toEqual([...there, ...own].toSorted());
  });

  test('an imported space goes on: names, contents, recalls and merges are known', async () => {
    const space = await source.newSpace();
    const { memory } = await source.add(space, { content: 'tea', conversationId: 'monday' });
    const other = await source.add(space, 'tea!');
    const { recallId } = await source.query(space, 'tea');
    const there = await importLines(target, await linesOf(source, space), target.newName());
    expect(await target.add(there, { content: 'tea', conversationId: 'monday' })).toMatchObject({
      ...{ isDuplicate: true, memory: { id: memory.id } },
    });
    expect(await target.store.cite(there, recallId!, [memory.id])).toEqual({ cited: [memory.id] });
    await target.store.merge(there, [memory.id, other.memory.id], 0.97);
    await settled(target, there);
    expect(await stored(target.db, there.shard)).toEqual(await replayed(target.db, there.shard));
    const { rows } = await sql<{ conversations: number }>`
      select count(*)::int as conversations from conversations where shard = ${there.shard}`.execute(target.db);
    expect(rows).toEqual([{ conversations: 1 }]);
  });
});

onEveryEngine('an import', (opened) => {
  let lines: string[];
  const newName = () => opened().newName();
  beforeAll(async () => {
    const space = await opened().newSpace();
    await live(opened(), space);
    lines = await linesOf(opened(), space);
  });
  /** In a database of its own: the events of the file are in this one already, in another space's shard. */
  const importInto = (space: string) => importLines(opened(), lines, space);
  /** The file with one line changed, and its digest made to fit where `isHonest`. */
  const altered = (
    change: (line: { readonly payload: object }) => object,
    where: (line: { kind: string; type?: string }) => boolean,
    isHonest = true,
  ) => {
    const index = lines.findIndex((line) => where(JSON.parse(line)));
    const changed = lines.with(index, JSON.stringify(change(JSON.parse(lines[index]!))));
    return isHonest ? closed(changed.slice(0, -1)) : changed;
  };
  const closed = (before: readonly string[]) => {
    const sha256 = createHash('sha256')
      .update(before.map((line) => `${line}\n`).join(''))
      .digest('hex');
    return [...before, JSON.stringify({ kind: 'trailer', lines: before.length, sha256 })];
  };

  test('shuts the space off until it is whole, and goes on where it was broken off', async () => {
    const whole = await opened().newSpace();
    for (let page = 0; page < 4; page += 1) {
      const memories = Array.from({ length: 100 }, (_, n) => ({ content: `item ${page} ${n}`, conversationId: 'c' }));
      await opened().addMany(whole, { memories });
    }
    const file = await linesOf(opened(), whole);
    const digest = digestOf(file);
    const { id: space, shard } = await opened().newSpace();
    await send(opened(), file, space, 500);
    const breakOff = async () => {
      for await (const step of opened().store.applyImport(space, digest)) {
        if (step.stage === 'applying' && step.done > 500) return step.done;
      }
      throw new Error('the import ended');
    };
    expect(await breakOff()).toBeLessThan(file.length);

    await expect(opened().store.openSpace(space)).rejects.toMatchObject({ code: 'CONFLICT' });
    // Whoever took it for a space like any other is stopped at the log.
    const known = { id: space, shard, settings: {} };
    const [first] = (
      await sql<{ id: string }>`
      select memory_id as id from memories where shard = ${shard} limit 1`.execute(opened().db)
    ).rows;
    for (const write of [
      () => opened().store.add(known, [newMemory('in between')]),
      () => opened().store.forget(known, [first!.id]),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(space) });
    }
    const beside = await opened().newSpace({ beside: known });
    await opened().add(beside, 'a neighbour is not kept waiting');
    await opened().fold(known, 50);
    expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));

    await opened().reopen();
    const place = await stageImport(opened().store, { space, digest, after: 0, lines: [] });
    expect(place).toEqual({ received: file.length, stage: 'applying' });
    const steps = await stepsOf(opened().store.applyImport(space, digest));
    expect(steps.some(({ stage }) => stage === 'checking')).toBe(false);
    const there = await opened().store.openSpace(space);
    await settled(opened(), there);
    expect((await linesOf(opened(), there)).slice(1, -1)).toEqual(file.slice(1, -1));
    expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));
    const { rows } = await sql`select from import_lines where space_id = ${space}`.execute(opened().db);
    expect(rows).toEqual([]);
  });

  test('done again does nothing', async () => {
    const space = newName();
    await importInto(space);
    const before = await opened().fingerprint();
    await importInto(space);
    expect(await opened().fingerprint()).toEqual(before);
  });

  test('into a space that has memories is refused', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'somebody');
    await expect(importInto(space.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('has memories already'),
    });
  });

  test('whose events the shard has already is refused, and nothing of it stays', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'once');
    const file = await linesOf(opened(), space);
    const beside = await opened().newSpace({ beside: space });
    await expect(importLines(opened(), file, beside.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`"${space.id}"`),
    });
    await opened().add(beside, 'still usable');
  });

  const isEvent = (type: string) => (line: { kind: string; type?: string }) => line.type === type;
  const isKind = (kind: string) => (line: { kind: string }) => line.kind === kind;
  test.each<[string, () => string[], RegExp]>([
    ['a cut-off file', () => lines.slice(0, -1).concat(lines.at(-1)!.replace('trailer', 'x')), /^line \d+: kind/],
    [
      'a line that was altered',
      () => altered((line) => ({ ...line, category: 'other' }), isKind('memory'), false),
      /altered/,
    ],
    ['a newer format', () => altered((line) => ({ ...line, version: 2 }), isKind('header')), /^line 1: version/],
    [
      'an unknown event',
      () => altered((line) => ({ ...line, type: 'memory.sung' }), isEvent('memory.cited')),
      /memory\.sung/,
    ],
    ['an unknown field', () => altered((line) => ({ ...line, mood: 1 }), isKind('memory')), /mood/],
    [
      'a payload with text',
      () => altered((line) => ({ ...line, payload: { note: 'x' } }), isEvent('memory.forgotten')),
      /no event/,
    ],
    [
      'a missing memory',
      () => closed(lines.filter((line) => !line.includes('Ada prefers')).slice(0, -1)),
      /which the file does not have/,
    ],
    [
      'a missing event',
      () => closed(lines.filter((line) => JSON.parse(line).type !== 'memory.forgotten').slice(0, -1)),
      /other numbers of lines/,
    ],
    [
      'a visibility that no event made',
      () =>
        altered(
          (line) => ({ ...line, visibility: 'live' }),
          (line) => 'visibility' in line && line.visibility === 'hidden',
        ),
      /visibility: is live/,
    ],
    [
      'a future event',
      () => altered((line) => ({ ...line, recordedAt: '2999-01-01T00:00:00.000Z' }), isEvent('space.configured')),
      /in the future|before the event/,
    ],
    [
      'a repeated event',
      () =>
        altered(
          (line) => ({ ...line, id: JSON.parse(lines.find((one) => isEvent('memory.cited')(JSON.parse(one)))!).id }),
          isEvent('memory.updated'),
        ),
      /repeats/,
    ],
    [
      'a merge of what is merged',
      () =>
        altered(
          (line) => ({
            ...line,
            type: 'memory.merged',
            payload: { ...line.payload, similarity: 1 },
          }),
          isEvent('memory.unmerged'),
        ),
      /merged already/,
    ],
  ])('of %s is refused, saying why, and nothing of it stays', async (_, file, why) => {
    const space = newName();
    const before = await opened().fingerprint();
    const refused = importLines(opened(), file(), space);
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringMatching(why) });
    await sql`delete from imports where space_id = ${space}`.execute(opened().db);
    await sql`delete from import_lines where space_id = ${space}`.execute(opened().db);
    expect(await opened().fingerprint()).toEqual(before);
    await importInto(space);
  });

  test('of a file that was never sent is not found; a gap between lines is refused', async () => {
    const digest = digestOf(lines);
    await expect(stepsOf(opened().store.applyImport('nowhere', digest))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const gap = { space: 'nowhere', digest, after: 5, lines: lines.slice(5, 6) };
    await expect(stageImport(opened().store, gap)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
