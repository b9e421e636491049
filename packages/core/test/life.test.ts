import { describe, expect, test } from 'vitest';
import { given, newLog, times } from './history.ts';

describe('a merge', () => {
  test.each([
    [0.95, 90],
    [0.98, 100],
  ])('of similarity %d gives the survivor the accesses of its variant and φ %d/1000', (similarity, phi) => {
    const log = newLog();
    const past = [log.added('a'), log.added('b'), log.recalled(['a']), ...times(2, () => log.recalled(['b']))];
    const { states } = given(...past).when(log.merged('a', 'b', similarity));
    expect(states.get('a')).toMatchObject({ accessCount: 3, phi: 100 + phi, visibility: 'live' });
    expect(states.get('b')).toMatchObject({ accessCount: 2, phi: 200, visibility: 'merged' });
  });

  test('promotes a survivor whose accesses and its variant’s reach a threshold together, and says that it did', () => {
    const log = newLog();
    const past = [log.added('a'), log.added('b'), ...times(3, () => log.recalled(['a', 'b']))];
    const merged = log.merged('a', 'b');
    const { states, changes } = given(...past).when(merged);
    expect(states.get('a')).toMatchObject({ tier: 'thread', accessCount: 6 });
    expect(changes).toEqual([
      { memoryId: 'a', position: merged.position, from: 'active', to: 'thread', reason: 'merged' },
    ]);
  });

  test('makes the survivor a catalyst when its variant is one', () => {
    const log = newLog();
    const { states } = given(log.added('a'), log.added('b', { catalyst: true })).when(log.merged('a', 'b'));
    expect(states.get('a')).toMatchObject({ isCatalyst: true, phi: 1_100 });
  });

  test('undone after later accesses leaves those with the one that they happened to', () => {
    const log = newLog();
    const past = [log.added('a'), log.added('b'), ...times(4, () => log.recalled(['b'])), log.merged('a', 'b')];
    const { states, changes } = given(...past, log.recalled(['a'])).when(log.unmerged('a', 'b'));
    expect(states.get('a')).toMatchObject({ accessCount: 1, phi: 100, tier: 'active', visibility: 'live' });
    expect(states.get('b')).toMatchObject({ accessCount: 4, phi: 400, visibility: 'live' });
    expect(changes).toMatchObject([{ memoryId: 'a', from: 'thread', to: 'active', reason: 'unmerged' }]);
  });
});

describe('a tier set by hand', () => {
  test('stays until its next threshold is crossed anew', () => {
    const log = newLog();
    const past = [log.added('m'), ...times(6, () => log.recalled(['m']))];
    const { states, changes } = given(...past).when(log.tiered('m', 'active'));
    expect(changes).toMatchObject([{ from: 'thread', to: 'active', reason: 'manual' }]);
    expect(states.get('m')!.tier).toBe('active');
    const again = log.tiered('m', 'active');
    const more = times(13, () => log.recalled(['m']));
    expect(given(...past, again, ...more).states.get('m')!.tier).toBe('active');
    expect(given(...past, again, ...more, log.recalled(['m'])).states.get('m')!.tier).toBe('stable');
  });

  test('network is never left by accesses', () => {
    const log = newLog();
    const events = [log.added('m'), log.tiered('m', 'network'), ...times(30, () => log.recalled(['m']))];
    expect(given(...events).states.get('m')!.tier).toBe('network');
  });

  test('holds for a survivor, whatever its variants counted before', () => {
    const log = newLog();
    const past = [log.added('a'), log.added('b'), ...times(6, () => log.recalled(['b'])), log.merged('a', 'b')];
    expect(given(...past, log.tiered('a', 'active'), log.recalled(['a'])).states.get('a')!.tier).toBe('active');
  });
});

describe('fading', () => {
  test('takes 5 % of φ, rounded down, from what was not accessed since the cutoff and has more than 0.5', () => {
    const log = newLog();
    const past = [
      ...['strong', 'weak', 'fresh'].map((id) => log.added(id)),
      ...times(7, () => log.recalled(['strong', 'fresh'])),
      ...times(5, () => log.recalled(['weak'])),
    ];
    const fresh = log.recalled(['fresh']);
    const { states } = given(...past, fresh).when(log.decayed(fresh.recordedAt));
    expect([...states].map(([id, { phi }]) => [id, phi])).toEqual([
      ['strong', 665],
      ['weak', 500],
      ['fresh', 800],
    ]);
  });
});

describe('marking', () => {
  test('a catalyst adds φ 1.0, unmarking takes it back, and doing either twice is doing it once', () => {
    const log = newLog();
    const past = given(log.added('m'), log.recalled(['m']));
    expect(past.when(log.marked('m', true), log.marked('m', true)).states.get('m')).toMatchObject({
      isCatalyst: true,
      phi: 1_100,
    });
    expect(past.when(log.marked('m', false), log.marked('m', false)).states.get('m')).toMatchObject({
      isCatalyst: false,
      phi: 100,
    });
  });
});
