import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';

const tags = ['service'];
const lines = 'application/x-ndjson';
const count = z.int().min(0);

/** The whole database as a file, and back. */
export function backupRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    // As it comes: a database is larger than a body may be.
    app.addContentTypeParser(lines, (_request, payload, parsed) => parsed(null, payload));
    app.get(
      '/backup',
      {
        schema: {
          ...{ tags, summary: 'Everything in the database, as of one moment' },
          response: {
            200: {
              description: 'A header, rows, a trailer; a file without it is cut off',
              content: { [lines]: { schema: z.string() } },
            },
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const pieces = operations.backup(undefined, requestContext(request, reply));
        // What goes wrong before the first piece is an error like any other.
        const first = await pieces.next();
        async function* text() {
          if (!first.done) yield first.value;
          yield* pieces;
        }
        return reply.type(lines).send(Readable.from(text()) as unknown as string);
      },
    );
    app.post(
      '/restore',
      {
        bodyLimit: Number.MAX_SAFE_INTEGER,
        schema: {
          ...{ tags, summary: 'Make an empty database what a backup says' },
          consumes: [lines],
          description: 'All of it or nothing. Stop every other server before, and this one afterwards.',
          response: { 200: successOf('It is restored', z.object({ tables: count, rows: count })), ...errorResponses },
        },
      },
      async (request, reply) => {
        const folder = await mkdtemp(join(tmpdir(), 'anima-restore-'));
        try {
          const file = join(folder, 'backup');
          // At the speed of the caller, who may take no longer than any caller; then at that of the database.
          if (request.body instanceof Readable) await pipeline(request.body, createWriteStream(file, { mode: 0o600 }));
          const given = request.body instanceof Readable ? createReadStream(file) : Readable.from([]);
          const read = createInterface({ input: given, crlfDelay: Number.POSITIVE_INFINITY });
          return success(request, await operations.restoreBackup(requestContext(request, reply), read));
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    );
    done();
  };
}
