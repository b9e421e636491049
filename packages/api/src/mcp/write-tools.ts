import {
  type AddResult,
  addInput,
  addManyInput,
  type ChangeResult,
  changeInput,
  limits,
  updateInput,
} from '@anima/core';
import { z } from 'zod';
import { checked } from '../request-validation.ts';
import { compactText } from './compact-text.ts';
import { type Tool, tool } from './tool.ts';
import { category, content, conversationId, isCatalyst, memoryId, occurredAt, source, tags } from './tool-fields.ts';

const newMemory = z.strictObject({ content, category, tags, source, occurredAt, isCatalyst });

/** Ids in an answer about many memories; beyond it a count must do. */
const answerBudget = 4_000;

const ids = z.array(memoryId).min(1).max(100).describe('Ids of the memories, as other tools show them');

/** Tools that change what is remembered. */
export const writeTools: readonly Tool[] = [
  tool({
    name: 'add_memory',
    title: 'Remember',
    description:
      'Remember one fact, preference, decision or event for later conversations. Call it whenever something durable is learned. The same text again strengthens the memory that is there.',
    input: newMemory.extend({ conversationId }),
    isReadOnly: false,
    isIdempotent: false,
    async run(input, { operations, request, space, idempotencyKey, ...session }) {
      const conversationId = input.conversationId ?? session.conversationId;
      const memory = checked(addInput, { ...input, conversationId, space, idempotencyKey });
      const added = await operations.add(memory, request);
      return outcome(added);
    },
  }),
  tool({
    name: 'add_memories',
    title: 'Remember several',
    description:
      'Remember up to 100 texts at once: all of them or, on an error, none. Prefer it to several calls of add_memory.',
    input: z.strictObject({
      memories: z
        .array(newMemory)
        .min(1)
        .max(limits.batch, { error: `must hold at most ${limits.batch} memories` }),
      conversationId,
    }),
    isReadOnly: false,
    isIdempotent: false,
    async run(input, { operations, request, space, idempotencyKey, ...session }) {
      const conversationId = input.conversationId ?? session.conversationId;
      const memories = input.memories.map((one) => ({ ...one, conversationId }));
      const results = await operations.addMany(checked(addManyInput, { memories, space, idempotencyKey }), request);
      const fresh = results.filter(({ isDuplicate }) => !isDuplicate).length;
      return compactText(
        {
          head: `${fresh} new, ${results.length - fresh} known already; in the order given:`,
          items: results.map(({ memory, isDuplicate }) => `${memory.id}${isDuplicate ? ' known already' : ''}`),
          foot: (left) => (left > 0 ? `and ${left} more, remembered too.` : ''),
        },
        answerBudget,
      );
    },
  }),
  tool({
    name: 'update_memory',
    title: 'Change a memory',
    description:
      'Replace what a memory says, or how it is filed. Use it when a remembered fact has changed. Other content is a new version; its history and strength stay.',
    input: z.strictObject({
      memoryId,
      content: content.optional(),
      category: updateInput.shape.category.describe('null clears it'),
      tags: updateInput.shape.tags.describe('These instead of the present ones'),
      source: updateInput.shape.source.describe('null clears it'),
      occurredAt: updateInput.shape.occurredAt.describe('When it happened, ISO 8601 with an offset; null clears it'),
    }),
    isReadOnly: false,
    isIdempotent: true,
    async run(input, { operations, request, space, idempotencyKey }) {
      const changes = checked(updateInput, { ...input, space, idempotencyKey });
      const { memory, isNewVersion } = await operations.update(changes, request);
      return isNewVersion
        ? `${memory.id} is version ${memory.version} now.`
        : `${memory.id} is changed; its content is what it was.`;
    },
  }),
  tool({
    name: 'forget_memory',
    title: 'Forget',
    description:
      'Hide memories that are wrong, outdated or unwanted. They are not found any more; restore_memory brings them back.',
    input: z.strictObject({ memoryIds: ids }),
    isReadOnly: false,
    isIdempotent: true,
    async run({ memoryIds }, { operations, request, space, idempotencyKey }) {
      const change = checked(changeInput, { memoryIds, space, idempotencyKey });
      return changed(await operations.forget(change, request), 'forgotten; restore_memory brings back what is missed');
    },
  }),
  tool({
    name: 'restore_memory',
    title: 'Restore',
    description: 'Bring back forgotten or expired memories, with all their history.',
    input: z.strictObject({ memoryIds: ids }),
    isReadOnly: false,
    isIdempotent: true,
    async run({ memoryIds }, { operations, request, space, idempotencyKey }) {
      const change = checked(changeInput, { memoryIds, space, idempotencyKey });
      return changed(await operations.restore(change, request), 'restored');
    },
  }),
];

function outcome({ memory, isDuplicate, embedding }: AddResult): string {
  if (isDuplicate) return `Known already as ${memory.id}; it is stronger now.`;
  const pending = embedding === 'pending' ? ' It is found by its words now, by its meaning in a moment.' : '';
  return `Remembered as ${memory.id}.${pending}`;
}

function changed({ count, unchanged }: ChangeResult, done: string): string {
  const others = unchanged.map(({ memoryId, because }) => `${memoryId} left as it is: it is ${because}`);
  return [`${count} ${done}.`, ...others].join('\n');
}
