import { randomUUID } from 'node:crypto';
import { createAnimaClient } from '@anima/client';
import { generateText, isStepCount } from 'ai';
import { expect, inject, test } from 'vitest';
import { memoryTools } from '../src/index.ts';
import { answeringModel, called, said } from './answering-model.ts';

const client = createAnimaClient({ url: inject('url') });

/** Lets the model make one call and answer; what the tool gave it. */
async function use(space: string, name: string, input: object) {
  const { steps, text } = await generateText({
    model: answeringModel(called(name, input), said('Done.')),
    tools: memoryTools({ client, space, conversationId: 'chat' }),
    stopWhen: isStepCount(2),
    prompt: 'Go on.',
  });
  expect(text).toBe('Done.');
  const [part] = steps[0]!.content.filter(({ type }) => type === 'tool-result' || type === 'tool-error');
  return part as unknown as { type: string; output: Record<string, unknown>; error: unknown };
}

test('a model remembers, recalls, cites, changes and forgets', async () => {
  const space = randomUUID();
  const added = await use(space, 'add_memory', { content: 'Ada prefers tea', tags: ['drinks'] });
  expect(added.output).toEqual({ id: expect.any(String), isNew: true });
  const { id } = added.output;
  expect((await use(space, 'add_memory', { content: 'Ada prefers tea' })).output).toEqual({ id, isNew: false });

  const found = await use(space, 'search_memories', { query: 'what does Ada drink?' });
  expect(found.output).toMatchObject({
    memories: [{ id, content: 'Ada prefers tea', date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) }],
  });
  const cited = await use(space, 'cite_memories', { recallId: found.output.recallId, memoryIds: [id] });
  expect(cited.output).toEqual({ cited: 1 });
  const changed = await use(space, 'update_memory', { memoryId: id, content: 'Ada prefers chai' });
  expect(changed.output).toEqual({ id, version: 2 });
  expect((await use(space, 'forget_memory', { memoryIds: [id] })).output).toEqual({ forgotten: 1 });
  expect((await client.memories.list.query({ space })).memories).toEqual([]);
});

test('what a tool refuses the model is told', async () => {
  const { type, error } = await use(randomUUID(), 'update_memory', { memoryId: randomUUID(), content: 'x' });
  expect(type).toBe('tool-error');
  expect(error).toMatchObject({ code: 'NOT_FOUND' });
});
