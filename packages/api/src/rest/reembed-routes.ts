import { cancelReembedInput, type ReembeddingResult, reembedInput, spaceInput } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';

const tags = ['spaces'];
const count = z.int().min(0);
const model = z.object({ provider: z.string(), name: z.string(), dimensions: count });

const spaceModel = z.object({
  space: z.string(),
  model: model.describe('What its vectors are of'),
  failed: count.describe('Memories that the model refused; their words find them'),
  reembedding: z
    .object({
      model: model.describe('What it gets vectors of'),
      done: count,
      total: count.describe('Memories'),
      failed: count,
      textsPerSecond: count.nullable().describe('At most; null: as fast as requests leave room'),
      problem: z.string().nullable().describe('What holds it up now'),
    })
    .nullable()
    .describe('Null when it stays with its model'),
});

/** The model of a space, and its way to another one. */
export function reembedRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/model',
      {
        schema: {
          ...{ tags, summary: 'The model of a space, and how far it is on its way to another one' },
          querystring: spaceInput,
          response: { 200: successOf('As it is now', spaceModel), ...errorResponses },
        },
      },
      async (request, reply) => {
        const { settings: _, ...described } = await operations.describeSpace(
          request.query,
          requestContext(request, reply),
        );
        return success(request, described);
      },
    );
    app.post(
      '/reembed',
      {
        schema: {
          ...{ tags, summary: 'Give a space another model', body: reembedInput },
          description: 'Workers do it in the background; until all is done queries are answered by the model it has.',
          response: {
            200: successOf('It has that model already', spaceModel),
            202: successOf('It is on its way', spaceModel),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const begun = await operations.beginReembedding(request.body, requestContext(request, reply));
        return reply.code(begun.reembedding ? 202 : 200).send(success(request, begun));
      },
    );
    app.post(
      '/cancel-reembed',
      {
        schema: {
          ...{ tags, summary: 'Let a space stay with its model' },
          body: cancelReembedInput.omit({ idempotencyKey: true }),
          response: { 200: successOf('It stays', spaceModel), ...errorResponses },
        },
      },
      async (request, reply) => {
        const stays: ReembeddingResult = await operations.cancelReembedding(
          request.body,
          requestContext(request, reply),
        );
        return success(request, stays);
      },
    );
    done();
  };
}
