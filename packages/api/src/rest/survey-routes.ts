import { listSpacesInput, overviewInput, spaceSettings, tiers } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { wholeNumberParam } from './query-string.ts';

const count = z.int().min(0);
const time = z.iso.datetime();
const tags = ['spaces'];

const spaceView = z.object({
  space: z.string(),
  model: z.object({ provider: z.string(), name: z.string(), dimensions: count }),
  settings: spaceSettings,
  created_at: time,
});

const overviewView = z.object({
  counted_at: time.describe('A large space is not counted anew for everybody who asks'),
  tiers: z.record(z.enum(tiers), count).describe('Live memories of each tier'),
  resonance: z.array(count).readonly().describe('Live memories by φ, in classes of 0.5 from 0 to 5'),
  others: z.object({ hidden: count, merged: count, expired: count }),
  growth: z.array(z.object({ at: time, memories: count })).readonly(),
});

/** What spaces there are, and what one holds. */
export function surveyRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '',
      {
        schema: {
          ...{ tags, summary: 'Spaces by name, page by page' },
          querystring: listSpacesInput.extend({ limit: wholeNumberParam(listSpacesInput.shape.limit) }),
          response: {
            200: successOf(
              'A page',
              z.object({
                spaces: z.array(spaceView).readonly(),
                next: z.string().nullable().describe('The cursor of the next page'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const { spaces, next } = await operations.listSpaces(request.query, requestContext(request, reply));
        return success(request, {
          spaces: spaces.map(({ createdAt, ...space }) => ({ ...space, created_at: createdAt })),
          next,
        });
      },
    );
    app.get(
      '/overview',
      {
        schema: {
          ...{ tags, summary: 'What a space holds, in numbers', querystring: overviewInput },
          response: { 200: successOf('Counted by tier, φ, visibility and time', overviewView), ...errorResponses },
        },
      },
      async (request, reply) => {
        const { countedAt, ...overview } = await operations.overview(request.query, requestContext(request, reply));
        return success(request, { counted_at: countedAt, ...overview });
      },
    );
    done();
  };
}
