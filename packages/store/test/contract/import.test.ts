import { createHash } from 'node:crypto';
import { stageImport } from '@anima/core';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { replayed, stored } from '../replay.ts';
import { digestOf, importLines, linesOf, live, send, settled, stepsOf } from '../space-files.ts';
import { words } from '../word-model.ts';

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
    return [
      ...before,
      JSON.stringify({ kind: 'trailer', lines: before.length, counts: JSON.parse(lines.at(-1)!).counts, sha256 }),
    ];
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
    const known = { id: space, shard, settings: {}, model: words };
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
