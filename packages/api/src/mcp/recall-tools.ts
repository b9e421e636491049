import {
  bootstrapInput,
  citeInput,
  discoverInput,
  historyInput,
  indented,
  listInput,
  type QueryHit,
  type QueryResult,
  queryInput,
  type StoredEntry,
} from '@anima/core';
import { z } from 'zod';
import { checked } from '../request-validation.ts';
import { compactText } from './compact-text.ts';
import { type Tool, tool } from './tool.ts';
import { category, conversationId, memoryId, tokenBudget } from './tool-fields.ts';

const filterTags = queryInput.shape.tags.describe('Only memories that carry all of these');
const from = queryInput.shape.from.describe('Only what happened from then on, ISO 8601 with an offset');
const to = queryInput.shape.to.describe('Only what happened until then');
const cursor = listInput.shape.cursor.describe('Where the page before said that there is more');

/** Tools that look into what is remembered. */
export const recallTools: readonly Tool[] = [
  tool({
    name: 'search_memories',
    title: 'Recall',
    description:
      'Find memories by meaning and words, best first. Call it before answering anything that earlier conversations may bear on. What it finds grows stronger; tell cite_memories which results you used.',
    input: z.strictObject({
      query: queryInput.shape.query.describe('What to recall, as a question or in key words'),
      limit: queryInput.shape.limit.default(10).describe('Most results'),
      category: category.describe('Only this category'),
      tags: filterTags,
      tiers: queryInput.shape.tiers.describe('Only these tiers: how established a memory is'),
      from,
      to,
      conversationId,
      tokenBudget,
    }),
    isReadOnly: false,
    isIdempotent: false,
    async run({ tokenBudget, ...input }, { operations, request, space, idempotencyKey, ...session }) {
      const conversationId = input.conversationId ?? session.conversationId;
      const query = checked(queryInput, { ...input, conversationId, space, idempotencyKey });
      return found(await operations.query(query, request), tokenBudget);
    },
  }),
  tool({
    name: 'bootstrap_context',
    title: 'Start with what matters',
    description:
      'The memories that matter for the start of a conversation, as text: what is settled, what recurs, what is recent. Call it once, first. Changes nothing.',
    input: z.strictObject({ limit: bootstrapInput.shape.limit.describe('Most memories'), tokenBudget }),
    isReadOnly: true,
    isIdempotent: true,
    async run(input, { operations, request, space }) {
      const bootstrap = checked(bootstrapInput, { ...input, format: 'prompt', space });
      const { prompt } = await operations.bootstrap(bootstrap, request);
      return prompt?.text || 'Nothing is remembered yet. add_memory remembers.';
    },
  }),
  tool({
    name: 'cite_memories',
    title: 'Say what was used',
    description:
      'Say which results of a search you used in your answer. It makes them easier to recall later; call it after answering.',
    input: z.strictObject({
      recallId: citeInput.shape.recallId.describe('As search_memories named it'),
      memoryIds: citeInput.shape.memoryIds.describe('Those of its results that were used'),
    }),
    isReadOnly: false,
    isIdempotent: true,
    async run(input, { operations, request, space, idempotencyKey }) {
      const { cited } = await operations.cite({ ...input, space, idempotencyKey }, request);
      return `${cited.length} cited.`;
    },
  }),
  tool({
    name: 'get_memory',
    title: 'Read a memory',
    description: 'Everything about one memory, whatever became of it: its full text, its state and its versions.',
    input: z.strictObject({
      memoryId,
      version: z.int().min(1).optional().describe('An earlier wording'),
      tokenBudget,
    }),
    isReadOnly: true,
    isIdempotent: true,
    async run({ memoryId, version, tokenBudget }, { operations, request, space }) {
      const memory = await operations.get({ memoryId, version, space }, request);
      const versions = memory.versions.length;
      const facts = [
        `${memory.id} · ${stateOf(memory)} · version ${memory.version} of ${versions}`,
        `accessed ${memory.accessCount} times, last ${memory.lastAccessed}; added ${memory.createdAt}`,
        memory.mergedInto === null ? '' : `a variant of ${memory.mergedInto}`,
        memory.variants.length > 0 ? `variants: ${memory.variants.join(', ')}` : '',
      ];
      const head = facts.filter((fact) => fact !== '').join('\n');
      const foot = (left: number) => (left > 0 ? 'Its text has no room in this budget.' : '');
      return compactText({ head, items: [memory.content], foot }, tokenBudget);
    },
  }),
  tool({
    name: 'list_memories',
    title: 'List memories',
    description:
      'Go through memories page by page, newest first unless told otherwise. To find something, search_memories is better.',
    input: z.strictObject({
      category: category.describe('Only this category'),
      tags: filterTags,
      tiers: listInput.shape.tiers,
      source: listInput.shape.source.describe('Only from this source'),
      isCatalyst: listInput.shape.isCatalyst.describe('Only breakthroughs, or none'),
      visibility: listInput.shape.visibility.describe('hidden: forgotten ones'),
      from,
      to,
      order: listInput.shape.order,
      descending: listInput.shape.descending,
      limit: listInput.shape.limit.default(20),
      cursor,
      tokenBudget,
    }),
    isReadOnly: true,
    isIdempotent: true,
    async run({ tokenBudget, ...input }, { operations, request, space }) {
      const { memories, next } = await operations.list(checked(listInput, { ...input, space }), request);
      const more = next === null ? 'That is all.' : `There is more: cursor ${next}`;
      return compactText(
        {
          head: memories.length === 0 ? 'No memory meets these conditions.' : '',
          items: memories.map((memory) => `${memory.id} (${stateOf(memory)}) ${indented(memory.content)}`),
          // The cursor stands behind the whole page, so what was cut has to be asked for again.
          foot: (left) => (left > 0 ? `${left} of this page left out: raise tokenBudget or lower limit.` : more),
        },
        tokenBudget,
      );
    },
  }),
  tool({
    name: 'related_memories',
    title: 'What belongs together',
    description: 'Memories that were recalled together with one, the strongest tie first.',
    input: z.strictObject({
      memoryId,
      limit: discoverInput.shape.limit.default(10),
      minStrength: discoverInput.shape.minStrength.describe('Weakest tie to show, 0 to 1'),
      tokenBudget,
    }),
    isReadOnly: true,
    isIdempotent: true,
    async run({ tokenBudget, ...input }, { operations, request, space }) {
      const { associations } = await operations.discoverAssociations({ ...input, space }, request);
      return compactText(
        {
          head: associations.length === 0 ? 'Nothing was recalled together with it yet.' : '',
          items: associations.map(
            ({ memory, strength, count }) =>
              `${memory.id} (strength ${strength.toFixed(3)}, ${count} times together) ${indented(memory.content)}`,
          ),
          foot: leftOut,
        },
        tokenBudget,
      );
    },
  }),
  tool({
    name: 'memory_history',
    title: 'The story of a memory',
    description: 'What happened to a memory: when it was added, recalled, changed or promoted, and why.',
    input: z.strictObject({
      memoryId,
      descending: historyInput.shape.descending.describe('Newest first'),
      limit: historyInput.shape.limit.default(20),
      cursor,
      tokenBudget,
    }),
    isReadOnly: true,
    isIdempotent: true,
    async run({ tokenBudget, ...input }, { operations, request, space }) {
      const { events, next } = await operations.history({ ...input, space }, request);
      return compactText(
        {
          head: '',
          items: events.map(({ at, summary, state }) => {
            const phi = state.resonancePhi.toFixed(1);
            return `${at} ${summary} → ${state.tier}, φ ${phi}, accessed ${state.accessCount} times`;
          }),
          foot: (left) => {
            if (left > 0) return `${left} of this page left out: raise tokenBudget or lower limit.`;
            return next === null ? '' : `There is more: cursor ${next}`;
          },
        },
        tokenBudget,
      );
    },
  }),
];

function found({ memories, recallId, degraded }: QueryResult, tokenBudget: number): string {
  const head = memories.length === 0 ? 'Nothing was found. Try other words, or list_memories.' : '';
  const recall = recallId === null || memories.length === 0 ? '' : `recall ${recallId}`;
  const words = degraded ? 'Searched by words alone: the model did not answer in time.' : '';
  const foot = (left: number) => [leftOut(left), words, recall].filter((line) => line !== '').join('\n');
  return compactText({ head, items: memories.map(hitLine), foot }, tokenBudget);
}

function hitLine(hit: QueryHit): string {
  return `${hit.id} (score ${hit.score.toFixed(2)}, ${stateOf(hit)}) ${indented(hit.content)}`;
}

/** What is to be known of a memory beside its text, in as few words as possible. */
function stateOf(
  memory: Pick<StoredEntry, 'tier' | 'category' | 'tags' | 'occurredAt' | 'createdAt' | 'isCatalyst'> & {
    readonly visibility?: StoredEntry['visibility'];
  },
): string {
  const { visibility = 'live' } = memory;
  return [
    (memory.occurredAt ?? memory.createdAt).slice(0, 10),
    memory.tier,
    ...(visibility === 'live' ? [] : [visibility]),
    ...(memory.isCatalyst ? ['breakthrough'] : []),
    ...(memory.category === null ? [] : [memory.category]),
    ...memory.tags.map((tag) => `#${tag}`),
  ].join(', ');
}

const leftOut = (left: number) => (left > 0 ? `${left} more had no room: raise tokenBudget or lower limit.` : '');
