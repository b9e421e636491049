import type { AnimaClient } from '@anima/client';
import { tool } from 'ai';
import { z } from 'zod';

export interface MemoryToolsOptions {
  readonly client: AnimaClient;
  /** Whose memory it is, such as a user's id: the model cannot reach another. Default `default`. */
  readonly space?: string;
  /** Ties what is remembered and recalled in one conversation together. */
  readonly conversationId?: string;
}

const memoryId = z.uuid().describe('Id of the memory, as search_memories shows it');

/**
 * Memory as tools of the AI SDK, by the names that they have over MCP: the model decides what to remember and when to
 * recall.
 *
 * @example
 * ```ts
 * const { text } = await generateText({
 *   model: anyModel,
 *   tools: memoryTools({ client: anima, space: 'ada' }),
 *   stopWhen: isStepCount(5),
 *   prompt: 'Remember that I prefer tea.',
 * });
 * ```
 */
export function memoryTools({ client, space = 'default', conversationId }: MemoryToolsOptions) {
  const inConversation = conversationId === undefined ? {} : { conversationId };
  return {
    search_memories: tool({
      description:
        'Find memories by meaning and words, best first. Call it before answering anything that earlier conversations may bear on.',
      inputSchema: z.strictObject({
        query: z.string().min(1).max(5_000).describe('What to recall, as a question or in key words'),
        limit: z.int().min(1).max(50).default(10).describe('Most results'),
      }),
      async execute({ query, limit }, { abortSignal }) {
        const { memories, recallId } = await client.memories.query.mutate(
          { query, limit, space, ...inConversation },
          withSignal(abortSignal),
        );
        return {
          recallId,
          memories: memories.map(({ id, content, occurredAt, createdAt }) => ({
            ...{ id, content },
            date: (occurredAt ?? createdAt).slice(0, 10),
          })),
        };
      },
    }),

    add_memory: tool({
      description:
        'Remember one fact, preference, decision or event for later conversations. Call it whenever something durable is learned.',
      inputSchema: z.strictObject({
        content: z.string().min(1).max(50_000).describe('The text to remember, understandable by itself'),
        category: z.string().min(1).max(100).optional().describe('Such as "preference", "decision" or "person"'),
        tags: z.array(z.string().min(1).max(50)).max(20).optional().describe('Words to filter by later'),
      }),
      async execute(memory, { abortSignal }) {
        const added = await client.memories.add.mutate(
          { ...memory, space, ...inConversation },
          withSignal(abortSignal),
        );
        return { id: added.memory.id, isNew: !added.isDuplicate };
      },
    }),

    update_memory: tool({
      description: 'Replace what a memory says, when a remembered fact has changed. Its history stays.',
      inputSchema: z.strictObject({ memoryId, content: z.string().min(1).max(50_000) }),
      async execute(change, { abortSignal }) {
        const { memory } = await client.memories.update.mutate({ ...change, space }, withSignal(abortSignal));
        return { id: memory.id, version: memory.version };
      },
    }),

    forget_memory: tool({
      description: 'Hide memories that are wrong, outdated or unwanted.',
      inputSchema: z.strictObject({ memoryIds: z.array(memoryId).min(1).max(100) }),
      async execute({ memoryIds }, { abortSignal }) {
        const { count } = await client.memories.forget.mutate({ memoryIds, space }, withSignal(abortSignal));
        return { forgotten: count };
      },
    }),

    cite_memories: tool({
      description: 'Say which results of a search you used in your answer, so that they are easier to recall later.',
      inputSchema: z.strictObject({ recallId: z.uuid(), memoryIds: z.array(memoryId).min(1).max(50) }),
      async execute({ recallId, memoryIds }, { abortSignal }) {
        const { cited } = await client.memories.cite.mutate({ recallId, memoryIds, space }, withSignal(abortSignal));
        return { cited: cited.length };
      },
    }),
  };
}

function withSignal(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}
