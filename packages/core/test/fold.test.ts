import { describe, expect, test } from 'vitest';
import { foldMemories, type MemoryRecord } from '../src/index.ts';
import { given, newLog, times } from './history.ts';

describe('a memory that is added', () => {
  test('starts active, never accessed, without resonance', () => {
    const log = newLog();
    const added = log.added('m');
    expect(given(added).states.get('m')).toEqual({
      tier: 'active',
      accessCount: 0,
      phi: 0,
      isCatalyst: false,
      lastAccessed: added.recordedAt,
      conversations: [],
      visibility: 'live',
    });
  });

  test('as a catalyst starts with φ 1.0', () => {
    const log = newLog();
    expect(given(log.added('m', { catalyst: true })).states.get('m')).toMatchObject({ isCatalyst: true, phi: 1_000 });
  });

  test('remembers the conversation it was added in', () => {
    const log = newLog();
    expect(given(log.added('m', { conversationId: 'c' })).states.get('m')!.conversations).toEqual(['c']);
  });
});

describe('an access', () => {
  test.each([
    ['by a query', 'recalled'],
    ['by content that was added again', 'addedAgain'],
  ] as const)('%s counts once, adds φ 0.1 and moves the time of last access', (_, how) => {
    const log = newLog();
    const before = log.added('m');
    const access = how === 'recalled' ? log.recalled(['m']) : log.addedAgain('m');
    expect(given(before).when(access).states.get('m')).toMatchObject({
      accessCount: 1,
      phi: 100,
      lastAccessed: access.recordedAt,
    });
  });

  test('strengthens every memory that a query returned, and no other', () => {
    const log = newLog();
    const { states } = given(log.added('a'), log.added('b'), log.added('c')).when(log.recalled(['a', 'c']));
    expect([...states].map(([id, { accessCount }]) => [id, accessCount])).toEqual([
      ['a', 1],
      ['b', 0],
      ['c', 1],
    ]);
  });

  test('of a memory that was never added halts the fold', () => {
    const log = newLog();
    const access = log.recalled(['nobody']);
    expect(() => given(access)).toThrow('event 1 of shard 0 names a memory that was never added');
  });
});

describe('promotion (fault 3: one pair of thresholds, and a change only where it happened)', () => {
  test('given four accesses, when one more, then the tier is thread, and the change names that event', () => {
    const log = newLog();
    const past = [log.added('m'), ...times(4, () => log.recalled(['m']))];
    const fifth = log.recalled(['m']);
    const { states, changes } = given(...past).when(fifth);
    expect(states.get('m')!.tier).toBe('thread');
    expect(changes).toEqual([
      { memoryId: 'm', position: fifth.position, from: 'active', to: 'thread', reason: 'access_count' },
    ]);
  });

  test('given nineteen accesses, when one more, then the tier is stable, and the change names that event', () => {
    const log = newLog();
    const past = [log.added('m'), ...times(19, () => log.recalled(['m']))];
    const twentieth = log.addedAgain('m');
    const { states, changes } = given(...past).when(twentieth);
    expect(states.get('m')!.tier).toBe('stable');
    expect(changes).toEqual([
      { memoryId: 'm', position: twentieth.position, from: 'thread', to: 'stable', reason: 'access_count' },
    ]);
  });

  test.each([3, 5, 10, 18, 20, 40])(
    'given %i accesses, when one more crosses no threshold, then nothing changes',
    (count) => {
      const log = newLog();
      const past = [log.added('m'), ...times(count, () => log.recalled(['m']))];
      expect(given(...past).when(log.recalled(['m'])).changes).toEqual([]);
    },
  );

  test('given twenty accesses in one batch, then both promotions are there, each with its own event', () => {
    const log = newLog();
    const added = log.added('m');
    const accesses = times(20, () => log.recalled(['m']));
    const { changes } = given(added, ...accesses);
    expect(changes.map(({ to, position }) => [to, position])).toEqual([
      ['thread', accesses[4]!.position],
      ['stable', accesses[19]!.position],
    ]);
  });

  test('a citation is no access: it promotes nothing', () => {
    const log = newLog();
    const past = [log.added('m'), ...times(4, () => log.recalled(['m']))];
    const { states, changes } = given(...past).when(log.cited(['m']));
    expect(states.get('m')).toMatchObject({ tier: 'active', accessCount: 4 });
    expect(changes).toEqual([]);
  });
});

describe('a catalyst', () => {
  test('given a plain memory, when its content is added again as a catalyst, then φ rises by 0.1 and 1.0', () => {
    const log = newLog();
    const { states } = given(log.added('m')).when(log.addedAgain('m', { catalyst: true }));
    expect(states.get('m')).toMatchObject({ isCatalyst: true, phi: 1_100 });
  });

  test('given a catalyst, when it is marked again, then it is worth no more than the access', () => {
    const log = newLog();
    const { states } = given(log.added('m', { catalyst: true })).when(log.addedAgain('m', { catalyst: true }));
    expect(states.get('m')).toMatchObject({ isCatalyst: true, phi: 1_100 });
  });

  test('given a catalyst, when its content is added again without the mark, then it stays one', () => {
    const log = newLog();
    const { states } = given(log.added('m', { catalyst: true })).when(log.addedAgain('m'));
    expect(states.get('m')!.isCatalyst).toBe(true);
  });
});

describe('resonance', () => {
  test('given a recall, when the agent cites it, then φ rises by 1.0 and nothing else moves', () => {
    const log = newLog();
    const before = given(log.added('m'), log.recalled(['m']));
    const recalled = before.states.get('m')!;
    expect(before.when(log.cited(['m'])).states.get('m')).toEqual({ ...recalled, phi: recalled.phi + 1_000 });
  });

  test.each([
    ['accesses', 60, (log: ReturnType<typeof newLog>) => log.recalled(['m'])],
    ['citations', 7, (log: ReturnType<typeof newLog>) => log.cited(['m'])],
  ] as const)('never passes 5.0, however many %s', (_, count, event) => {
    const log = newLog();
    const { states } = given(log.added('m', { catalyst: true }), ...times(count, () => event(log)));
    expect(states.get('m')!.phi).toBe(5_000);
  });
});

describe('the conversations of a memory (fault 10: no duplicates, no growth without bound)', () => {
  test('are distinct, the most recent last', () => {
    const log = newLog();
    const { states } = given(
      log.added('m', { conversationId: 'a' }),
      ...['b', 'a', 'a', 'c', 'b'].map((conversationId) => log.recalled(['m'], { conversationId })),
    );
    expect(states.get('m')!.conversations).toEqual(['a', 'c', 'b']);
  });

  test('are the most recent 16', () => {
    const log = newLog();
    const { states } = given(
      log.added('m', { conversationId: 'first' }),
      ...times(40, (index) => log.recalled(['m'], { conversationId: `c${index}` })),
    );
    expect(states.get('m')!.conversations).toEqual(times(16, (index) => `c${24 + index}`));
  });

  test('are not touched by an access outside any conversation', () => {
    const log = newLog();
    const { states } = given(log.added('m', { conversationId: 'a' })).when(log.recalled(['m']));
    expect(states.get('m')!.conversations).toEqual(['a']);
  });
});

test('folding one event leaves the state it was given as it was', () => {
  const log = newLog();
  const records = new Map<string, MemoryRecord>();
  foldMemories(records, [log.added('m', { conversationId: 'a' })]);
  const { state } = records.get('m')!;
  Object.freeze(state);
  Object.freeze(state.conversations);
  foldMemories(records, [log.recalled(['m'], { conversationId: 'b' })]);
  expect(records.get('m')!.state.conversations).toEqual(['a', 'b']);
  expect(state.conversations).toEqual(['a']);
});
