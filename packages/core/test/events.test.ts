import { describe, expect, test } from 'vitest';
import { AnimaError, decodeEvent } from '../src/index.ts';
import { newLog } from './history.ts';

const log = newLog();
const recalled = log.recalled(['a', 'b'], { conversationId: 'c' });

describe('decoding an event', () => {
  test.each([log.added('a', { catalyst: true }), log.addedAgain('a'), recalled, log.cited(['a']), log.reembedded(2)])(
    'gives what was recorded ($type)',
    (event) => {
      expect(decodeEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
    },
  );

  test.each([
    ['an unknown type', { ...recalled, type: 'memory.exploded' }],
    ['another schema version', { ...recalled, schemaVersion: 2 }],
    ['an unknown way of access', { ...recalled, payload: { via: 'telepathy' } }],
    ['an unknown ranking profile', { ...recalled, payload: { via: 'query', profile: 'best' } }],
    ['a payload field that nobody allowed', { ...recalled, payload: { ...recalled.payload, text: 'a secret' } }],
    ['a missing payload field', { ...recalled, payload: { via: 'query' } }],
    ['a payload of another type', { ...recalled, type: 'memory.cited' }],
    ['a model that is named instead of numbered', { ...log.reembedded(2), payload: { modelId: 'nomic' } }],
    ['position 0', { ...recalled, position: 0 }],
    ['a position that is no integer', { ...recalled, position: 1.5 }],
    ['a position given as text', { ...recalled, position: '1' }],
    ['a negative shard', { ...recalled, shard: -1 }],
    ['no memory ids', { ...recalled, memoryIds: null }],
    ['no recording time', { ...recalled, recordedAt: undefined }],
  ])('refuses %s', (_, row) => {
    expect(() => decodeEvent(row)).toThrow(AnimaError);
  });

  test('names the event it stops at, so that a person finds it', () => {
    const row = { ...recalled, shard: 7, position: 42, type: 'memory.exploded' };
    expect(() => decodeEvent(row)).toThrow(
      expect.objectContaining({
        code: 'INTERNAL',
        message: 'event 42 of shard 7 (memory.exploded) cannot be decoded; folding of this shard stops here',
      }),
    );
  });
});
