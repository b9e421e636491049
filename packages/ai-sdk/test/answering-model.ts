import { simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

type Generated = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>;
type Content = Generated['content'][number];

const usage: Generated['usage'] = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

export const said = (text: string): Content => ({ type: 'text', text });
export const called = (toolName: string, input: object): Content => ({
  ...{ type: 'tool-call', toolCallId: crypto.randomUUID(), toolName },
  input: JSON.stringify(input),
});

/** The SDK's own mock of a provider: it answers its calls one after the other with these. */
export function answeringModel(...answers: readonly Content[]): MockLanguageModelV4 {
  let calls = 0;
  const next = () => {
    const content = answers[calls];
    if (!content) throw new Error('the model was called once too often');
    calls += 1;
    const unified = content.type === 'tool-call' ? ('tool-calls' as const) : ('stop' as const);
    return { content, finishReason: { unified, raw: undefined } };
  };
  return new MockLanguageModelV4({
    doGenerate: async () => {
      const { content, finishReason } = next();
      return { content: [content], finishReason, usage, warnings: [] };
    },
    doStream: async () => {
      const { content, finishReason } = next();
      if (content.type !== 'text') throw new Error('only texts are streamed here');
      const deltas = content.text.split(/(?<= )/).map((delta) => ({ type: 'text-delta' as const, id: '1', delta }));
      const text = [{ type: 'text-start' as const, id: '1' }, ...deltas, { type: 'text-end' as const, id: '1' }];
      const chunks = [...text, { type: 'finish' as const, finishReason, usage }];
      return { stream: simulateReadableStream({ chunks }) };
    },
  });
}

/** What the model was sent as its system messages, call by call. */
export function systemTexts({ doGenerateCalls, doStreamCalls }: MockLanguageModelV4): string[] {
  return [...doGenerateCalls, ...doStreamCalls].map(({ prompt }) =>
    prompt.flatMap((message) => (message.role === 'system' ? [message.content] : [])).join('\n---\n'),
  );
}
