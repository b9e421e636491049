import {
  type HistoryEntry,
  historyInput,
  type Receipt,
  rankingProfiles,
  receiptInput,
  type TierHistoryResult,
  tiers,
  visibilities,
} from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { breakdownView, viewTerms } from './memory-view.ts';
import { flagParam, wholeNumberParam } from './query-string.ts';

const time = z.iso.datetime();
const next = z.string().nullable().describe('The cursor of the next page');
const tier = z.enum(tiers);
const reason = z.enum(['access_count', 'manual', 'merged', 'unmerged']);
const note = z.string().nullable().describe('Why it was set by hand, as it was said then');
const position = z.int().min(0).describe('Place in the log; what `asOf` takes');

const entryView = z
  .object({
    event_id: z.uuid(),
    position,
    at: time,
    type: z.string(),
    summary: z.string().describe('What happened, in words'),
    conversation: z.string().nullable(),
    others: z.array(z.uuid()).readonly().describe('The other memories that it happened to, or with'),
    details: z.record(z.string(), z.unknown()).describe('What else the event says, as the log has it'),
    tier_change: z.object({ from: tier, to: tier, reason, note }).nullable(),
    state: z
      .object({
        tier,
        access_count: z.int().min(0),
        resonance_phi: z.number().min(0).max(5),
        is_catalyst: z.boolean(),
        visibility: z.enum(visibilities),
      })
      .describe('The memory after it'),
  })
  .meta({ id: 'HistoryEntry', description: 'One event of the life of a memory' });

const tierChangeView = z.object({
  ...{ position, at: time, from: tier, to: tier, reason, note },
  event_id: z.uuid().describe('Of the event that caused it'),
  event_type: z.string(),
});

const receiptView = z.object({
  recall_id: z.uuid(),
  position,
  at: time,
  profile: z.enum(rankingProfiles),
  state_position: z.int().min(0).nullable().describe('Up to where the states that it saw were folded'),
  source: z.enum(['receipt', 'log']).describe('`log`: the receipt is gone; what its event says is left'),
  hits: z
    .array(z.object({ memory_id: z.uuid(), version: z.int().min(1).nullable(), breakdown: breakdownView.nullable() }))
    .readonly(),
});

const memoryParam = z.strictObject({ memoryId: z.uuid() });
const recallParam = z.strictObject({ recallId: z.uuid() });
const pageParams = historyInput.omit({ memoryId: true }).extend({
  descending: flagParam(historyInput.shape.descending),
  limit: wholeNumberParam(historyInput.shape.limit),
});

const tags = ['memories'];

/** What happened to a memory, and what a recall returned, over REST. */
export function historyRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/:memoryId/history',
      {
        schema: {
          ...{ tags, summary: 'What happened to a memory, from the log', params: memoryParam, querystring: pageParams },
          response: {
            200: successOf('A page', z.object({ memory_id: z.uuid(), events: z.array(entryView).readonly(), next })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const input = { ...request.query, ...request.params };
        const result = await operations.history(input, requestContext(request, reply));
        const { memoryId, events } = result;
        return success(request, { memory_id: memoryId, events: events.map(viewEntry), next: result.next });
      },
    );

    app.get(
      '/:memoryId/tiers',
      {
        schema: {
          ...{ tags, summary: 'The changes of a memory’s tier', params: memoryParam, querystring: pageParams },
          description: 'Each with the event that caused it; those of the last moments may not be among them yet.',
          response: {
            200: successOf(
              'A page',
              z.object({ memory_id: z.uuid(), changes: z.array(tierChangeView).readonly(), next }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const input = { ...request.query, ...request.params };
        const result = await operations.tierHistory(input, requestContext(request, reply));
        const { memoryId, changes } = result;
        return success(request, { memory_id: memoryId, changes: changes.map(viewTierChange), next: result.next });
      },
    );

    app.get(
      '/receipts/:recallId',
      {
        schema: {
          ...{ tags, summary: 'What a recall returned, and why', params: recallParam },
          querystring: receiptInput.omit({ recallId: true }),
          response: { 200: successOf('The receipt', receiptView), ...errorResponses },
        },
      },
      async (request, reply) => {
        const input = { ...request.query, ...request.params };
        return success(request, viewReceipt(await operations.receipt(input, requestContext(request, reply))));
      },
    );
    done();
  };
}

function viewEntry({ eventId, tierChange, state, ...entry }: HistoryEntry): z.output<typeof entryView> {
  return {
    ...entry,
    event_id: eventId,
    tier_change: tierChange,
    state: {
      tier: state.tier,
      access_count: state.accessCount,
      resonance_phi: state.resonancePhi,
      is_catalyst: state.isCatalyst,
      visibility: state.visibility,
    },
  };
}

function viewTierChange({
  eventId,
  eventType,
  ...change
}: TierHistoryResult['changes'][number]): z.output<typeof tierChangeView> {
  return { ...change, event_id: eventId, event_type: eventType };
}

function viewReceipt({ recallId, statePosition, hits, ...receipt }: Receipt): z.output<typeof receiptView> {
  return {
    ...receipt,
    recall_id: recallId,
    state_position: statePosition,
    hits: hits.map(({ memoryId, version, breakdown }) => ({
      memory_id: memoryId,
      version,
      breakdown: breakdown && {
        similarity: breakdown.similarity,
        lexical: breakdown.lexical,
        phi: breakdown.phi,
        structural_weight: breakdown.structuralWeight,
        score: breakdown.score,
        terms: viewTerms(breakdown.terms),
      },
    })),
  };
}
