import { describe, expect, test } from 'vitest';
import { readSpaceFileLine, SpaceFileCheck, type SpaceFileLine } from '../src/index.ts';

const at = (ms: number) => `2024-01-01T00:00:00.${String(ms).padStart(3, '0')}Z`;
const id = (n: number) => `0190d3a6-0000-7000-8000-${String(n).padStart(12, '0')}`;
type Line = Record<string, unknown> & { readonly kind: string };

const conversation: Line = { kind: 'conversation', id: id(90), name: 'monday' };
const memory = (n: number, more: object = {}): Line => ({
  ...{ kind: 'memory', id: id(n), version: 1, content: `memory ${n}`, claimsContent: true, category: null, tags: [] },
  ...{ source: null, conversationId: null, occurredAt: null, expiresAt: null, visibility: 'live', mergedInto: null },
  ...{ createdAt: at(n), updatedAt: at(n) },
  ...more,
});
const event = (type: string, recorded: number, memories: number[], payload: object = {}, more: object = {}): Line => ({
  ...{ kind: 'event', id: id(100 + recorded), type, schemaVersion: 1, conversationId: null },
  ...{ memoryIds: memories.map(id), payload, occurredAt: null, recordedAt: at(recorded) },
  ...more,
});
const added = (n: number) => event('memory.added', n, [n], { catalyst: false });
const merging = { survivor: id(1), merged: id(2), similarity: 0.97 };

/** A file of these lines, its header and trailer made to fit. */
function file(...lines: readonly Line[]): Line[] {
  const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
  const counts = {
    ...{ conversations: count('conversation'), memories: count('memory') },
    ...{ versions: count('version'), events: count('event') },
  };
  return [
    {
      ...{ kind: 'header', format: 'anima-space', version: 1, space: 'ada', exportedAt: at(900), position: 9 },
      ...{ settings: {}, conversationSalt: 'ab'.repeat(16) },
    },
    ...lines,
    { kind: 'trailer', lines: lines.length + 1, counts, sha256: 'ab'.repeat(32) },
  ];
}

function check(lines: readonly Line[]): void {
  const checked = new SpaceFileCheck(at(950));
  for (const [index, line] of lines.entries()) checked.take(readSpaceFileLine(JSON.stringify(line), index + 1));
}

describe('a file adds up', () => {
  test.each<[string, Line[]]>([
    ['of an empty space', file()],
    ['of one memory', file(conversation, memory(1), added(1))],
    [
      'of a merge that was undone and done again',
      file(
        ...[memory(1), memory(2, { visibility: 'merged', mergedInto: id(1) }), added(1), added(2)],
        event('memory.merged', 3, [1, 2], merging),
        event('memory.unmerged', 4, [1, 2], { survivor: id(1), merged: id(2) }),
        event('memory.merged', 5, [1, 2], merging),
      ),
    ],
    [
      'of what was forgotten and came back as a duplicate',
      file(
        ...[memory(1), added(1), event('memory.forgotten', 2, [1])],
        event('memory.accessed', 3, [1], { via: 'duplicate', catalyst: false, revived: true }),
      ),
    ],
    [
      'of what was erased',
      file(
        memory(1, { content: '', claimsContent: false, visibility: 'erased' }),
        ...[added(1), event('memory.erased', 2, [1])],
      ),
    ],
    [
      'of an update',
      file(
        memory(1, { version: 2 }),
        { kind: 'version', memoryId: id(1), version: 1, content: 'before', replacedAt: at(2) },
        ...[added(1), event('memory.updated', 2, [1], { version: 2 })],
      ),
    ],
  ])('%s', (_, lines) => check(lines));
});

describe('a file is refused, naming the line', () => {
  test.each<[string, Line[], RegExp]>([
    ['without a header', file().slice(1), /^line 1: a header stands in the first line/],
    ['with two headers', [...file().slice(0, 1), ...file()], /^line 2: a header/],
    ['with lines out of order', file(memory(1), conversation), /^line 3: a conversation cannot stand behind a memory/],
    ['with a memory twice', file(memory(1), memory(1), added(1)), /^line 3: does not stand in the order/],
    ['of a memory that nothing adds', file(memory(1)), /^line 2: no event adds memory/],
    [
      'of a memory that is added twice',
      file(memory(1), added(1), { ...added(1), id: id(7) }),
      /^line 4: adds memory .* twice/,
    ],
    [
      'of a memory that is named before',
      file(memory(1), event('memory.forgotten', 0, [1]), added(1)),
      /^line 3: .* names it before/,
    ],
    [
      'of an event of an unknown memory',
      file(memory(1), added(1), event('memory.forgotten', 2, [3])),
      /^line 4: names memory .*3, which/,
    ],
    ['of events out of time', file(memory(1), memory(2), added(2), added(1)), /^line 5: was recorded before/],
    [
      'of an event that is yet to come',
      file(memory(1), added(1), event('memory.forgotten', 999, [1])),
      /^line 4: .*in the future/,
    ],
    [
      'of an addition at another time',
      file(memory(1, { createdAt: at(5) }), added(1)),
      /^line 3: adds .* at another time/,
    ],
    [
      'of a merge with itself',
      file(memory(1), added(1), event('memory.merged', 2, [1, 1], { ...merging, merged: id(1) })),
      /^line 4: does not name the two/,
    ],
    [
      'of merges in a ring',
      file(
        ...[memory(1), memory(2), added(1), added(2), event('memory.merged', 3, [1, 2], merging)],
        event('memory.merged', 4, [2, 1], { survivor: id(2), merged: id(1), similarity: 1 }),
      ),
      /^line 7: merges what is merged already/,
    ],
    [
      'of a cutoff beyond time',
      file(event('space.decayed', 1, [], { cutoff: 1e300, factor: 950 })),
      /^line 2: has a cutoff/,
    ],
    ['of a turn of nothing', file(memory(1), { ...added(1), turn: true }), /^line 3: is no turn/],
    [
      'of a version beyond the current one',
      file(memory(1), { kind: 'version', memoryId: id(1), version: 1, content: 'x', replacedAt: at(2) }, added(1)),
      /^line 3: is a version/,
    ],
    [
      'of text in a payload',
      file(memory(1), event('memory.added', 1, [1], { catalyst: false, note: 'x' })),
      /^line 3: is no event that this server knows/,
    ],
    [
      'with other lines than it says',
      file(memory(1), added(1)).with(-1, file(memory(1), memory(2)).at(-1)!),
      /^line 4: speaks of other numbers/,
    ],
    ['with fewer lines than it says', file(memory(1), added(1)).toSpliced(2, 1), /^line 3: speaks of 3 lines/],
  ])('%s', (_, lines, why) => {
    expect(() => check(lines)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', message: expect.stringMatching(why) }),
    );
  });

  test.each<[string, string, RegExp]>([
    ['that is no JSON', '{"kind": ', /^line 7: is not JSON/],
    ['of an unknown kind', '{"kind": "song"}', /^line 7: kind: /],
    ['with a NUL', JSON.stringify(memory(1, { content: 'a\0b' })), /^line 7: content: must not contain NUL/],
    [
      'with a time of no day',
      JSON.stringify(memory(1, { createdAt: '2024-13-01T00:00:00.000Z' })),
      /^line 7: createdAt: /,
    ],
    [
      'with an id in capitals',
      JSON.stringify({ ...conversation, id: id(90).toUpperCase() }),
      /^line 7: id: must be in lower case/,
    ],
    ['of a newer version', JSON.stringify({ ...file()[0], version: 2 }), /^line 7: version: /],
  ])('for a line %s', (_, text, why) => {
    const read = (): SpaceFileLine => readSpaceFileLine(text, 7);
    expect(read).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', message: expect.stringMatching(why) }));
  });
});
