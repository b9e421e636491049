import { discoverInput, graphInput, hubsInput, networkStatsInput } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { memoryView, viewMemory } from './memory-view.ts';
import { numberParam, wholeNumberParam } from './query-string.ts';

const tags = ['associations'];
const strength = z.number().min(0).max(1).describe('log10(1 + count) / 10');
const count = z.int().min(0);

const discoverParams = discoverInput.extend({
  minStrength: numberParam(discoverInput.shape.minStrength),
  limit: wholeNumberParam(discoverInput.shape.limit),
});
const graphParams = graphInput.extend({
  depth: wholeNumberParam(graphInput.shape.depth),
  minStrength: numberParam(graphInput.shape.minStrength),
  maxNodes: wholeNumberParam(graphInput.shape.maxNodes),
  perNode: wholeNumberParam(graphInput.shape.perNode),
});
const hubsParams = hubsInput.extend({
  limit: wholeNumberParam(hubsInput.shape.limit),
  minConnections: wholeNumberParam(hubsInput.shape.minConnections),
});

const strengths = {
  meanStrength: strength,
  maxStrength: strength,
  distribution: z
    .array(z.object({ from: strength, to: strength, pairs: count }))
    .readonly()
    .describe('How many pairs are at least `from` and less than `to` strong'),
};

/** What was recalled together, over REST. */
export function associationRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/discover',
      {
        schema: {
          tags,
          summary: 'What a memory is associated with, the strongest first',
          querystring: discoverParams,
          response: {
            200: successOf(
              'Its neighbours',
              z.object({
                memoryId: z.uuid(),
                associations: z.array(z.object({ memory: memoryView, strength, count, lastAt: z.iso.datetime() })),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.discoverAssociations(request.query, requestContext(request, reply));
        const associations = result.associations.map((each) => ({ ...each, memory: viewMemory(each.memory) }));
        return success(request, { memoryId: result.memoryId, associations });
      },
    );

    app.get(
      '/graph',
      {
        schema: {
          tags,
          summary: 'The associations around a memory, breadth first and the strongest first',
          querystring: graphParams,
          response: {
            200: successOf(
              'Memories, and the associations that lead to them',
              z.object({
                nodes: z.array(z.object({ memory: memoryView, depth: count })),
                edges: z.array(z.object({ from: z.uuid(), to: z.uuid(), strength, count })).readonly(),
                truncated: z.boolean().describe('Whether a bound left out an association within the depth'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const { nodes, edges, truncated } = await operations.associationGraph(
          request.query,
          requestContext(request, reply),
        );
        return success(request, {
          nodes: nodes.map(({ memory, depth }) => ({ memory: viewMemory(memory), depth })),
          edges,
          truncated,
        });
      },
    );

    app.get(
      '/hubs',
      {
        schema: {
          tags,
          summary: 'The memories that are associated with the most others',
          querystring: hubsParams,
          response: {
            200: successOf(
              'The most connected first',
              z.object({
                hubs: z.array(z.object({ memory: memoryView, connections: count, meanStrength: strength })),
                count,
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.associationHubs(request.query, requestContext(request, reply));
        const hubs = result.hubs.map((hub) => ({ ...hub, memory: viewMemory(hub.memory) }));
        return success(request, { hubs, count: hubs.length });
      },
    );

    app.get(
      '/network-stats',
      {
        schema: {
          tags,
          summary: 'How a space is associated as a whole and, where one is named, how a memory of it is',
          querystring: networkStatsInput,
          response: {
            200: successOf(
              'Numbers of the network',
              z.object({
                memories: count.describe('Memories that have an association'),
                pairs: count,
                ...strengths,
                memory: z.object({ memoryId: z.uuid(), connections: count, ...strengths }).optional(),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) =>
        success(request, await operations.networkStats(request.query, requestContext(request, reply))),
    );
    done();
  };
}
