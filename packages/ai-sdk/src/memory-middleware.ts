import type { AnimaClient } from '@anima/client';
import type { LanguageModelMiddleware } from 'ai';
import {
  beginsTurn,
  type CallOptions,
  lastUserText,
  memoriesOf,
  type NewMemory,
  type Turn,
  withSystemText,
} from './turn.ts';

export interface MemoryMiddlewareOptions {
  readonly client: AnimaClient;
  /** Whose memory it is, such as a user's id. Default `default`. */
  readonly space?: string;
  /** Ties the turns of one conversation together: what is recalled in it becomes associated. */
  readonly conversationId?: string;
  /** Most memories recalled for what the user said; default 8, 0 for none. */
  readonly recallLimit?: number;
  /** Room for what matters in general, in estimated tokens; default 1,000, 0 for none. */
  readonly contextTokens?: number;
  /** What of a turn is remembered; default: what either side said. `false` for nothing. */
  readonly remember?: false | ((turn: Turn) => readonly NewMemory[]);
  /** Called when the memory fails, and the model then answers without it. Where it is not given, the call fails. */
  readonly onError?: (error: unknown) => void;
}

/** A query has a limit; of a longer message, its beginning is asked about. */
const queryLength = 5_000;

/**
 * Gives a model of the AI SDK memory: before a turn it recalls what matters and what bears on the user's words, and
 * puts that into a system message; after the turn it remembers what was said.
 *
 * A turn of several steps (tools that are called and answered) is recalled once and remembered once, at its end.
 *
 * @example
 * ```ts
 * const model = wrapLanguageModel({
 *   model: anyModel,
 *   middleware: memoryMiddleware({ client: anima, space: 'ada', conversationId: 'chat-1' }),
 * });
 * const { text } = await generateText({ model, prompt: 'What do I like to drink?' });
 * ```
 */
export function memoryMiddleware(options: MemoryMiddlewareOptions): LanguageModelMiddleware {
  const { client, space = 'default', conversationId, recallLimit = 8, contextTokens = 1_000 } = options;
  const remember = options.remember ?? memoriesOf;

  /** Runs what the memory does; its failure is the caller's to judge. */
  const guarded = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!options.onError) throw error;
      options.onError(error);
      return undefined;
    }
  };

  const context = async () => {
    if (contextTokens === 0) return '';
    const request = { format: 'prompt' as const, tokenBudget: contextTokens, space };
    return (await client.memories.bootstrap.query(request)).prompt?.text ?? '';
  };

  const recall = async (params: CallOptions) => {
    const query = lastUserText(params).slice(0, queryLength).toWellFormed();
    if (query === '' || recallLimit === 0) return [];
    // Later steps of the turn see the same again, which is no new recall.
    const record = beginsTurn(params);
    const { memories } = await client.memories.query.mutate({
      ...{ query, limit: recallLimit, space, record },
      ...(conversationId === undefined ? {} : { conversationId }),
    });
    return memories;
  };

  const rememberTurn = async (params: CallOptions, assistant: string) => {
    if (remember === false) return;
    const memories = remember({ user: lastUserText(params), assistant });
    if (memories.length === 0) return;
    await client.memories.addMany.mutate({
      memories: memories.map((memory) => ({ ...(conversationId === undefined ? {} : { conversationId }), ...memory })),
      space,
    });
  };

  return {
    async transformParams({ params }) {
      const found = await guarded(() => Promise.all([context(), recall(params)]));
      if (!found) return params;
      const [text, recalled] = found;
      // What stands in the context need not be said twice; what was cut there, or left out, is.
      const lines = recalled.map(({ content }) => content.trim().replaceAll(/\s*\n/g, '\n  '));
      const section = lines.flatMap((line) => (text.includes(`: ${line}\n`) ? [] : [`- ${line}`])).join('\n');
      const parts = [text, section === '' ? '' : `# Recalled for what was said last\n\n${section}`];
      const whole = parts.filter((part) => part !== '').join('\n');
      return whole === '' ? params : withSystemText(params, whole);
    },

    async wrapGenerate({ doGenerate, params }) {
      const result = await doGenerate();
      if (endsTurn(result.finishReason)) {
        const said = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
        await guarded(() => rememberTurn(params, said));
      }
      return result;
    },

    async wrapStream({ doStream, params }) {
      const { stream, ...rest } = await doStream();
      let said = '';
      const listening = new TransformStream<StreamPart, StreamPart>({
        async transform(part, controller) {
          if (part.type === 'text-delta') said += part.delta;
          if (part.type === 'finish' && endsTurn(part.finishReason)) await guarded(() => rememberTurn(params, said));
          controller.enqueue(part);
        },
      });
      return { stream: stream.pipeThrough(listening), ...rest };
    },
  };
}

type StreamResult = Awaited<ReturnType<NonNullable<LanguageModelMiddleware['wrapStream']>>>;
type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never;
type FinishReason = Extract<StreamPart, { type: 'finish' }>['finishReason'];

/** After tool calls the model goes on; what failed or was cut off was not said. */
function endsTurn({ unified }: FinishReason): boolean {
  return unified === 'stop' || unified === 'length' || unified === 'other';
}
