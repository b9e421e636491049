import { randomUUID } from 'node:crypto';
import { createAnimaClient } from '@anima/client';
import { describe, expect, inject, test } from 'vitest';
import { Memory } from '../src/index.ts';
import { program } from './compatibility.ts';

const url = inject('url');
const prefixes = new Map<Memory, string>();

/** Each test has owners of its own. */
function newMemory(): Memory {
  const spacePrefix = `${randomUUID()}/`;
  const memory = new Memory({ url, spacePrefix });
  prefixes.set(memory, spacePrefix);
  return memory;
}

test('a program written for mem0 runs unchanged', async () => {
  const { added, found, all, item, rows } = await program(newMemory());
  const id = added[0]!.id;
  expect(added).toEqual([{ id, memory: 'I prefer tea', metadata: { event: 'ADD' } }]);
  expect(found).toMatchObject([
    { id, memory: 'I prefer tea', score: expect.any(Number), metadata: { category: 'drinks' }, user_id: 'ada' },
  ]);
  expect(all).toMatchObject([{ id, memory: 'I prefer tea', hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(item).toMatchObject({ id, memory: 'I prefer chai', metadata: { category: 'drinks' } });
  expect(rows).toEqual([
    {
      ...{ id: expect.any(String), memory_id: id, previous_value: 'I prefer tea', new_value: 'I prefer chai' },
      ...{ action: 'UPDATE', created_at: rows[1].created_at, updated_at: expect.any(String), is_deleted: 0 },
    },
    {
      ...{ id: expect.any(String), memory_id: id, previous_value: null, new_value: 'I prefer tea' },
      ...{ action: 'ADD', created_at: expect.any(String), updated_at: null, is_deleted: 0 },
    },
  ]);
});

describe('owners', () => {
  test('never see each other’s memories, even of the same text', async () => {
    const memory = newMemory();
    await memory.add('I prefer tea', { userId: 'ada' });
    await memory.add('I prefer tea', { userId: 'ben' });
    for (const user_id of ['ada', 'ben']) {
      const { results } = await memory.search('tea', { filters: { user_id } });
      expect(results).toMatchObject([{ memory: 'I prefer tea', user_id }]);
    }
    await memory.deleteAll({ userId: 'ada' });
    expect(await memory.getAll({ filters: { user_id: 'ada' } })).toEqual({ results: [] });
    expect((await memory.getAll({ filters: { user_id: 'ben' } })).results).toHaveLength(1);
  });

  test('narrow each other: a user’s run is found by the user, by the run, and not by another run', async () => {
    const memory = newMemory();
    await memory.add('The build is broken', { userId: 'ada', agentId: 'helper', runId: 'r1' });
    await memory.add('The build is broken', { userId: 'ada', runId: 'r2' });
    const count = async (filters: Record<string, string>) =>
      (await memory.getAll({ filters: { user_id: 'ada', ...filters } })).results.length;
    const counts = [count({}), count({ run_id: 'r1' }), count({ run_id: 'r2' }), count({ run_id: 'r3' })];
    expect(await Promise.all(counts)).toEqual([1, 1, 1, 0]);
  });

  test('are required, and named as mem0 wants them', async () => {
    const memory = newMemory();
    await expect(memory.add('tea', {})).rejects.toThrow('One of the filters: userId, agentId or runId is required!');
    await expect(memory.search('tea', {})).rejects.toThrow('filters must contain at least one of');
    await expect(memory.getAll({ filters: { category: 'x' } })).rejects.toThrow('filters must contain at least one of');
    await expect(memory.deleteAll({})).rejects.toThrow('At least one filter is required');
    await expect(memory.add('tea', { userId: 'a b' })).rejects.toThrow('Invalid user_id: cannot contain whitespace');
  });
});

describe('what is added', () => {
  test('is every message in its own words, but the system’s; known texts are told', async () => {
    const memory = newMemory();
    const messages = [
      { role: 'system', content: 'You are helpful' },
      { role: 'user', content: 'I moved to Rome' },
      { role: 'assistant', content: 'How is it there?' },
    ];
    const first = await memory.add(messages, { userId: 'ada', infer: false });
    expect(first.results.map(({ memory: text }) => text)).toEqual(['I moved to Rome', 'How is it there?']);
    const again = await memory.add('I moved to Rome', { userId: 'ada' });
    expect(again.results).toMatchObject([{ id: first.results[0]!.id, metadata: { event: 'NONE' } }]);
  });

  test('keeps metadata as it was, of any JSON type, and is filtered by it', async () => {
    const memory = newMemory();
    const metadata = { category: 'movies', rating: 5, seen: true, with: ['ben'] };
    const { results } = await memory.add('I liked the film', { userId: 'ada', metadata });
    expect(await memory.get(results[0]!.id)).toMatchObject({ metadata });
    const search = (filters: object) => memory.search('film', { filters: { user_id: 'ada', ...filters } });
    expect((await search({ rating: 5 })).results).toHaveLength(1);
    expect((await search({ rating: 4 })).results).toHaveLength(0);
    await memory.update(results[0]!.id, { metadata: { rating: 4 } });
    expect(await memory.get(results[0]!.id)).toMatchObject({ metadata: { ...metadata, rating: 4 } });
    const long = memory.add('x', { userId: 'ada', metadata: { note: 'n'.repeat(60) } });
    await expect(long).rejects.toThrow('metadata: "note" and its value as JSON must have at most 50 characters');
  });

  test('may have happened at another time, and may expire', async () => {
    const memory = newMemory();
    const { results } = await memory.add('I met Ben', { userId: 'ada', timestamp: 1_700_000_000 });
    expect((await entryOf(memory, results[0]!.id)).occurredAt).toBe('2023-11-14T22:13:20.000Z');
    await memory.update(results[0]!.id, { expirationDate: '2999-12-31' });
    expect((await entryOf(memory, results[0]!.id)).expiresAt).toBe('3000-01-01T00:00:00.000Z');
    await expect(memory.add('x', { userId: 'ada', expirationDate: '2026-02-31' })).rejects.toThrow('YYYY-MM-DD');
  });

  test.each([
    ['a text that a model should rewrite', 'tea', { infer: true }, /infer: false/],
    ['nothing', '  ', {}, /cannot be empty/],
    ['no messages', [], {}, /cannot be empty/],
    ['a picture', [{ role: 'user', content: { type: 'image_url' } }], {}, /image_url is not supported/],
  ])('is not %s', async (_, messages, options, message) => {
    await expect(newMemory().add(messages, { userId: 'ada', ...options })).rejects.toThrow(message);
  });
});

test('what is deleted is gone, and its history keeps no text of it', async () => {
  const memory = newMemory();
  const { results } = await memory.add('a secret', { userId: 'ada' });
  const id = results[0]!.id;
  expect(await memory.delete(id)).toEqual({ message: 'Memory deleted successfully!' });
  expect(await memory.get(id)).toBeNull();
  const rows = await memory.history(id);
  expect(rows.map(({ action }) => action)).toEqual(['DELETE', 'ADD']);
  expect(JSON.stringify(rows)).not.toContain('secret');
  await expect(memory.delete('no-such-id')).rejects.toThrow('Memory with ID no-such-id not found');
  expect(await memory.get(`${randomUUID()}@user_id=ada`)).toBeNull();
});

test('pages are gone through until there are as many as asked for', async () => {
  const memory = newMemory();
  const messages = Array.from({ length: 230 }, (_, n) => ({ role: 'user', content: `memory ${n}` }));
  await memory.add(messages, { userId: 'ada' });
  const getAll = async (topK?: number) =>
    (await memory.getAll({ filters: { user_id: 'ada' }, ...(topK === undefined ? {} : { topK }) })).results.length;
  expect(await Promise.all([getAll(), getAll(225), getAll(1_000)])).toEqual([20, 225, 230]);
});

/** The memory as the server has it: the facade's id names the owner, the rest of its space is the prefix. */
async function entryOf(memory: Memory, id: string) {
  const [memoryId = '', owner = ''] = id.split('@');
  const client = createAnimaClient({ url });
  return client.memories.get.query({ memoryId, space: `${prefixes.get(memory)}${owner}` });
}
