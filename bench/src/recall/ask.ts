import type { AnimaClient } from '@anima/client';
import { startProgress } from '@anima/client/node/progress';
import type { Conversation, Question } from './dataset.ts';
import type { Answer } from './score.ts';

/** Memories a request. */
const batchSize = 100;

/** A conversation that a space remembers. */
export interface RememberedConversation {
  readonly name: string;
  readonly space: string;
  readonly questions: readonly Question[];
  /** The memory that each source became. Turns that say the same share one. */
  readonly memoryIds: ReadonlyMap<string, string>;
}

/** Imports conversations in order, each into a space of its own. */
export async function remember(
  client: AnimaClient,
  conversations: readonly Conversation[],
  spaceOf: (conversation: Conversation) => string,
): Promise<RememberedConversation[]> {
  const bar = startProgress(
    'Importing',
    sum(conversations, ({ memories }) => memories.length),
  );
  let count = 0;
  const remembered: RememberedConversation[] = [];
  try {
    for (const conversation of conversations) {
      const { name, questions } = conversation;
      const space = spaceOf(conversation);
      const memoryIds = new Map<string, string>();
      for (let start = 0; start < conversation.memories.length; start += batchSize) {
        const memories = conversation.memories.slice(start, start + batchSize);
        const results = await client.memories.addMany.mutate({ memories, space });
        for (const [index, { memory }] of results.entries()) {
          const source = memories[index]?.source;
          if (source !== undefined) memoryIds.set(source, memory.id);
        }
        count += memories.length;
        bar.update(count, `${count} memories`);
      }
      remembered.push({ name, space, questions, memoryIds });
    }
  } finally {
    bar.stop();
  }
  return remembered;
}

export interface AskOptions {
  readonly label: string;
  /** Results a question. */
  readonly top: number;
  /** The conversation in which a question is asked and recorded; without it, asking leaves no trace. */
  readonly conversationOf?: (conversation: RememberedConversation) => string;
}

export interface Asked {
  readonly answers: readonly Answer[];
  /** Answers that were searched by words alone. */
  readonly degraded: number;
  /** How long each answer took, ms. */
  readonly times: readonly number[];
}

/** Asks every question, one after the other. */
export async function ask(
  client: AnimaClient,
  conversations: readonly RememberedConversation[],
  { label, top, conversationOf }: AskOptions,
): Promise<Asked> {
  const bar = startProgress(
    label,
    sum(conversations, ({ questions }) => questions.length),
  );
  const answers: Answer[] = [];
  const times: number[] = [];
  let degraded = 0;
  try {
    for (const conversation of conversations) {
      const { space, memoryIds } = conversation;
      const trace = conversationOf ? { conversationId: conversationOf(conversation) } : { record: false };
      for (const { question, evidence, category } of conversation.questions) {
        const askedAt = performance.now();
        const result = await client.memories.query.mutate({ query: question, limit: top, space, ...trace });
        times.push(performance.now() - askedAt);
        if (result.degraded) degraded += 1;
        answers.push({
          category,
          evidence: evidence.map((source) => memoryIds.get(source)),
          found: result.memories.map(({ id }) => id),
        });
        bar.update(answers.length, `${answers.length} questions`);
      }
    }
  } finally {
    bar.stop();
  }
  return { answers, degraded, times };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
