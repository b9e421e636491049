import {
  type LogEventResult,
  type LoggedEvent,
  logEventInput,
  logInput,
  type Merge,
  mergesInput,
  tiers,
  visibilities,
} from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { listParam, wholeNumberParam } from './query-string.ts';

const time = z.iso.datetime();
const position = z.int().min(1).describe('Place in the log; what `asOf` takes');
const next = z.int().min(1).nullable().describe('The cursor of the next page, which may be empty; null on the last');

const eventView = z
  .object({
    event_id: z.uuid(),
    position,
    at: time,
    type: z.string(),
    memory_ids: z.array(z.uuid()).readonly(),
    payload: z.record(z.string(), z.unknown()),
    conversation: z.string().nullable(),
    excerpt: z.string().nullable().describe('How the first memory that it names begins'),
  })
  .meta({ id: 'LoggedEvent', description: 'An event of the log of a space' });

const stateView = z.object({
  tier: z.enum(tiers),
  access_count: z.int().min(0),
  resonance_phi: z.number().min(0).max(5),
  is_catalyst: z.boolean(),
  visibility: z.enum(visibilities),
});

const effectView = z.object({
  memory_id: z.uuid(),
  excerpt: z.string().nullable(),
  before: stateView.nullable().describe('Null when the event added it'),
  after: stateView,
});

const mergedView = z.object({
  memory_id: z.uuid(),
  content: z.string().nullable().describe('Null when it was erased'),
  visibility: z.enum(visibilities),
});

const mergeView = z.object({
  position,
  at: time,
  survivor: mergedView,
  merged: mergedView,
  similarity: z.number(),
  is_merged: z.boolean().describe('Whether they still are'),
});

const tags = ['events'];

/** The log of a space, and what one event changed. */
export function logRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/events',
      {
        schema: {
          ...{ tags, summary: 'The log of a space, newest first' },
          querystring: logInput.extend({
            types: listParam(logInput.shape.types),
            limit: wholeNumberParam(logInput.shape.limit),
            cursor: wholeNumberParam(logInput.shape.cursor),
          }),
          response: {
            200: successOf('A page', z.object({ events: z.array(eventView).readonly(), next })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.log(request.query, requestContext(request, reply));
        return success(request, { events: result.events.map(viewEvent), next: result.next });
      },
    );
    app.get(
      '/events/:position',
      {
        schema: {
          ...{ tags, summary: 'One event, and what it made of the memories that it names' },
          params: z.strictObject({ position: wholeNumberParam(logEventInput.shape.position) }),
          querystring: logEventInput.omit({ position: true }),
          response: {
            200: successOf('The event', z.object({ event: eventView, effects: z.array(effectView).readonly() })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const input = { ...request.query, ...request.params };
        const { event, effects } = await operations.logEvent(input, requestContext(request, reply));
        return success(request, { event: viewEvent(event), effects: effects.map(viewEffect) });
      },
    );
    app.get(
      '/memories/merges',
      {
        schema: {
          ...{ tags: ['memories'], summary: 'Memories that were merged into others, newest first' },
          querystring: mergesInput.extend({
            limit: wholeNumberParam(mergesInput.shape.limit),
            cursor: wholeNumberParam(mergesInput.shape.cursor),
          }),
          response: {
            200: successOf('A page', z.object({ merges: z.array(mergeView).readonly(), next })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.merges(request.query, requestContext(request, reply));
        return success(request, { merges: result.merges.map(viewMerge), next: result.next });
      },
    );
    done();
  };
}

function viewEvent({ eventId, memoryIds, ...event }: LoggedEvent): z.output<typeof eventView> {
  return { ...event, event_id: eventId, memory_ids: memoryIds };
}

function viewEffect({
  memoryId,
  excerpt,
  before,
  after,
}: LogEventResult['effects'][number]): z.output<typeof effectView> {
  return { memory_id: memoryId, excerpt, before: before && viewState(before), after: viewState(after) };
}

function viewState(state: LogEventResult['effects'][number]['after']): z.output<typeof stateView> {
  const { tier, accessCount, resonancePhi, isCatalyst, visibility } = state;
  return { tier, access_count: accessCount, resonance_phi: resonancePhi, is_catalyst: isCatalyst, visibility };
}

function viewMerge({ survivor, merged, isMerged, ...merge }: Merge): z.output<typeof mergeView> {
  return { ...merge, survivor: viewSide(survivor), merged: viewSide(merged), is_merged: isMerged };
}

function viewSide({ memoryId, ...side }: Merge['survivor']): z.output<typeof mergedView> {
  return { ...side, memory_id: memoryId };
}
