/** The examples of the doc comments, word for word, so that the compiler reads them. */
import { createAnimaClient } from '@anima/client';
import { generateText, isStepCount, wrapLanguageModel } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { memoryMiddleware, memoryTools } from '../src/index.ts';

const anima = createAnimaClient({ url: 'http://127.0.0.1:7100' });
const anyModel = new MockLanguageModelV4();

export async function middleware() {
  const model = wrapLanguageModel({
    model: anyModel,
    middleware: memoryMiddleware({ client: anima, space: 'ada', conversationId: 'chat-1' }),
  });
  const { text } = await generateText({ model, prompt: 'What do I like to drink?' });
  return text;
}

export async function tools() {
  const { text } = await generateText({
    model: anyModel,
    tools: memoryTools({ client: anima, space: 'ada' }),
    stopWhen: isStepCount(5),
    prompt: 'Remember that I prefer tea.',
  });
  return text;
}
