import { catalystMarkers, catalystsInput, potentialCatalystsInput } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { memoryView, viewMemory } from './memory-view.ts';
import { wholeNumberParam } from './query-string.ts';

const tags = ['memories'];
const count = z.int().min(0);

const catalystsParams = catalystsInput.extend({ limit: wholeNumberParam(catalystsInput.shape.limit) });
const potentialParams = potentialCatalystsInput.extend({
  limit: wholeNumberParam(potentialCatalystsInput.shape.limit),
});

const reason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accesses'), count, withinMinutes: z.number() }),
  z.object({ kind: z.literal('associations'), count }),
  z.object({ kind: z.literal('marker'), word: z.enum(catalystMarkers) }),
]);

/** Breakthroughs, and what looks like one. */
export function catalystRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/catalysts',
      {
        schema: {
          ...{ tags, summary: 'The catalysts of the highest φ', querystring: catalystsParams },
          response: {
            200: successOf('The highest φ first', z.object({ catalysts: z.array(memoryView), count })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.catalysts(request.query, requestContext(request, reply));
        return success(request, { catalysts: result.catalysts.map(viewMemory), count: result.count });
      },
    );

    app.get(
      '/catalysts/potential',
      {
        schema: {
          ...{ tags, summary: 'Memories that could be catalysts, and why', querystring: potentialParams },
          description: 'Changes nothing: whether one is a catalyst is the caller’s to say.',
          response: {
            200: successOf(
              'Those with the most reasons first',
              z.object({
                potential: z.array(z.object({ memory: memoryView, reasons: z.array(reason).readonly() })),
                count,
                accessesSince: z.iso
                  .datetime()
                  .nullable()
                  .describe('From when on accesses were looked at; null when there were none'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.potentialCatalysts(request.query, requestContext(request, reply));
        const potential = result.potential.map(({ memory, reasons }) => ({ memory: viewMemory(memory), reasons }));
        return success(request, { potential, count: result.count, accessesSince: result.accessesSince });
      },
    );
    done();
  };
}
