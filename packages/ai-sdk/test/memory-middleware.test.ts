import { randomUUID } from 'node:crypto';
import { createAnimaClient } from '@anima/client';
import { generateText, isStepCount, streamText, tool, wrapLanguageModel } from 'ai';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { memoryMiddleware } from '../src/index.ts';
import { answeringModel, called, said, systemTexts } from './answering-model.ts';

const client = createAnimaClient({ url: inject('url') });
const contentsOf = async (space: string) =>
  (await client.memories.list.query({ space, descending: false })).memories.map(({ content }) => content);

test('a turn is remembered, and the next conversation recalls it', async () => {
  const space = randomUUID();
  const first = answeringModel(said('I will keep in mind that you prefer tea.'));
  const middleware = memoryMiddleware({ client, space, conversationId: 'one' });
  await generateText({ model: wrapLanguageModel({ model: first, middleware }), prompt: 'I prefer tea to coffee' });
  expect(systemTexts(first)).toEqual(['']);
  expect(await contentsOf(space)).toEqual(['I prefer tea to coffee', 'I will keep in mind that you prefer tea.']);

  const second = answeringModel(said('Tea.'));
  const model = wrapLanguageModel({ model: second, middleware: memoryMiddleware({ client, space }) });
  const { text } = await generateText({ model, instructions: 'Be brief.', prompt: 'What do I like to drink?' });
  expect(text).toBe('Tea.');
  expect(systemTexts(second)[0]).toMatch(/^Be brief\.\n---\n# Memory\n[\s\S]*: I prefer tea to coffee\n/);
});

test('what the context has no room for is recalled by what the user says', async () => {
  const space = randomUUID();
  const filler = Array.from({ length: 30 }, (_, n) => ({
    content: `Note ${n}: ${'nothing of importance '.repeat(10)}`,
  }));
  await client.memories.add.mutate({ content: 'The spare key lies under the red flowerpot', space });
  await client.memories.addMany.mutate({ memories: filler, space });
  const mock = answeringModel(said('Under the flowerpot.'));
  const middleware = memoryMiddleware({ client, space, contextTokens: 100, recallLimit: 3 });
  await generateText({ model: wrapLanguageModel({ model: mock, middleware }), prompt: 'Where is the spare key?' });
  expect(systemTexts(mock)[0]).toMatch(
    /# Recalled for what was said last\n\n- The spare key lies under the red flowerpot/,
  );
});

test('a stream is remembered as a whole', async () => {
  const space = randomUUID();
  const model = wrapLanguageModel({
    model: answeringModel(said('Tea it is, then.')),
    middleware: memoryMiddleware({ client, space }),
  });
  const { textStream } = streamText({ model, prompt: 'Tea, please' });
  let text = '';
  for await (const part of textStream) text += part;
  expect(text).toBe('Tea it is, then.');
  expect(await contentsOf(space)).toEqual(['Tea, please', 'Tea it is, then.']);
});

test('a turn of several steps is recalled once and remembered once', async () => {
  const space = randomUUID();
  const { memory } = await client.memories.add.mutate({ content: 'Ada lives in Paris', space });
  const mock = answeringModel(called('weather', {}), said('It rains in Paris.'));
  await generateText({
    model: wrapLanguageModel({ model: mock, middleware: memoryMiddleware({ client, space, contextTokens: 0 }) }),
    tools: { weather: tool({ inputSchema: z.object({}), execute: async () => 'rain' }) },
    stopWhen: isStepCount(3),
    prompt: 'What is the weather where Ada lives?',
  });
  const [first, second] = systemTexts(mock);
  expect(first).toContain('- Ada lives in Paris');
  expect(second).toBe(first);
  const { events } = await client.memories.history.query({ memoryId: memory.id, space });
  expect(events.filter(({ type }) => type === 'memory.accessed')).toHaveLength(1);
  expect(await contentsOf(space)).toEqual([
    ...['Ada lives in Paris', 'What is the weather where Ada lives?', 'It rains in Paris.'],
  ]);
});

test('what is remembered of a turn can be chosen, down to nothing', async () => {
  const space = randomUUID();
  const ask = (remember: Parameters<typeof memoryMiddleware>[0]['remember'] & {}) =>
    generateText({
      model: wrapLanguageModel({
        model: answeringModel(said('Noted.')),
        middleware: memoryMiddleware({ client, space, remember }),
      }),
      prompt: 'I moved to Rome',
    });
  await ask(false);
  expect(await contentsOf(space)).toEqual([]);
  await ask(({ user }) => [{ content: `Said: ${user}`, category: 'residence' }]);
  expect(await contentsOf(space)).toEqual(['Said: I moved to Rome']);
});

test('a memory that is away fails the call, or is reported where somebody wants to hear of it', async () => {
  const away = createAnimaClient({ url: 'http://127.0.0.1:9', retries: 0 });
  const ask = (onError?: (error: unknown) => void) =>
    generateText({
      model: wrapLanguageModel({
        model: answeringModel(said('Hello.')),
        middleware: memoryMiddleware({ client: away, ...(onError ? { onError } : {}) }),
      }),
      prompt: 'Hi',
      maxRetries: 0,
    });
  await expect(ask()).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  const errors: unknown[] = [];
  const { text } = await ask((error) => errors.push(error));
  expect(text).toBe('Hello.');
  expect(errors).toMatchObject([{ code: 'NETWORK_ERROR' }, { code: 'NETWORK_ERROR' }]);
});
