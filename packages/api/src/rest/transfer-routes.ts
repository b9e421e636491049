import { Readable } from 'node:stream';
import { applyImportInput, exportInput, stageImportInput } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { headers, keyed } from './idempotency-key.ts';

const tags = ['spaces'];

/** A space as a file, and back. */
export function transferRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/export',
      {
        schema: {
          ...{ tags, summary: 'A whole space as a file of JSON lines', querystring: exportInput },
          description: 'As of one moment. The last line is a trailer; a file without it is cut off.',
          response: {
            200: {
              description: 'A header, conversations, memories, replaced versions, events, a trailer',
              content: { 'application/x-ndjson': { schema: z.string() } },
            },
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const steps = operations.exportSpace(request.query, requestContext(request, reply));
        // What goes wrong before the first line is an error like any other; later, the file ends without its trailer.
        const first = await steps.next();
        async function* text() {
          if (!first.done) yield `${first.value.lines.join('\n')}\n`;
          for await (const { lines } of steps) yield `${lines.join('\n')}\n`;
        }
        // Fastify sends a stream wherever it sends text; the types of a schema know the text only.
        return reply.type('application/x-ndjson').send(Readable.from(text()) as unknown as string);
      },
    );
    app.post(
      '/import/stage',
      {
        schema: {
          ...{ tags, summary: 'Send the next lines of an exported file' },
          ...{ headers, body: stageImportInput.omit({ idempotencyKey: true }) },
          description: 'They are kept apart from the space. Sending no lines tells how far the import has come.',
          response: {
            200: successOf(
              'How far it has come',
              z.object({ received: z.int().min(0), stage: z.enum(['receiving', 'applying', 'done']) }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) =>
        success(request, await operations.stageImport(keyed(request), requestContext(request, reply))),
    );
    app.post(
      '/import/apply',
      {
        schema: {
          ...{ tags, summary: 'Check a file that was sent, and make it the space', body: applyImportInput },
          description:
            'Answers when the space is whole, which takes as long as there are lines. Asked again, it goes on.',
          response: {
            200: successOf('The space is whole', z.object({ space: z.string(), lines: z.int().min(0) })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        let lines = 0;
        const steps = operations.applyImport(request.body, requestContext(request, reply));
        for await (const step of steps) lines = step.total;
        return success(request, { space: request.body.space, lines });
      },
    );
    done();
  };
}
