import { configureInput, spaceInput, spaceSettings } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { headers, keyed } from './idempotency-key.ts';

const tags = ['spaces'];
const described = successOf(
  'What the space decides for itself; the rest is as the server has it',
  z.object({ space: z.string(), settings: spaceSettings }),
);

/** What a space decides about its recalls. */
export function spaceRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/settings',
      {
        schema: {
          ...{ tags, summary: 'The settings of a space', querystring: spaceInput },
          response: { 200: described, ...errorResponses },
        },
      },
      async (request, reply) => {
        const { space, settings } = await operations.describeSpace(request.query, requestContext(request, reply));
        return success(request, { space, settings });
      },
    );
    app.patch(
      '/settings',
      {
        schema: {
          ...{
            tags,
            summary: 'Change settings of a space',
            headers,
            body: configureInput.omit({ idempotencyKey: true }),
          },
          description: 'Those that are named change; null leaves one to the server again.',
          response: { 200: described, ...errorResponses },
        },
      },
      async (request, reply) =>
        success(request, await operations.configureSpace(keyed(request), requestContext(request, reply))),
    );
    done();
  };
}
