import {
  type AddResult,
  addInput,
  addManyInput,
  bootstrapInput,
  citeInput,
  limits,
  queryInput,
  tiers,
} from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, metaOf, success, successOf } from './envelope.ts';
import { headers, keyed } from './idempotency-key.ts';
import {
  associatedView,
  memoryView,
  momentView,
  recalledMemoryView,
  viewAssociated,
  viewMemory,
  viewRecalledMemory,
} from './memory-view.ts';
import { asOfParam, flagParam, wholeNumberParam } from './query-string.ts';

const added = z.object({
  memory: memoryView,
  isDuplicate: z.boolean(),
  exactMatch: z.literal(true).optional(),
  embedding: z.enum(['ready', 'pending']),
  embeddingProvider: z.string(),
  isCatalyst: z.boolean(),
  message: z.string(),
});

const counts = z.object({ active: z.int().min(0), thread: z.int().min(0), stable: z.int().min(0) });
const memories = z.array(memoryView).readonly();

const bootstrapParams = bootstrapInput.extend({
  limit: wholeNumberParam(bootstrapInput.shape.limit),
  activeLimit: wholeNumberParam(bootstrapInput.shape.activeLimit),
  includeActive: flagParam(bootstrapInput.shape.includeActive),
  includeThread: flagParam(bootstrapInput.shape.includeThread),
  includeStable: flagParam(bootstrapInput.shape.includeStable),
  tokenBudget: wholeNumberParam(bootstrapInput.shape.tokenBudget),
  asOf: asOfParam(bootstrapInput.shape.asOf),
});

const tags = ['memories'];

/** The memories over REST: each route renames and wraps what the operation of the same name answers. */
export function memoryRoutes(operations: Operations): FastifyPluginCallbackZod {
  const viewAdded = (result: AddResult): z.output<typeof added> => ({
    memory: viewMemory(result.memory),
    isDuplicate: result.isDuplicate,
    ...(result.exactMatch ? { exactMatch: true } : {}),
    embedding: result.embedding,
    embeddingProvider: result.embeddingProvider,
    isCatalyst: result.isCatalyst,
    message: result.isDuplicate ? 'Known already; the access is recorded' : 'Remembered',
  });

  return (app, _options, done) => {
    app.post(
      '/add',
      {
        schema: {
          tags,
          summary: 'Remember one text',
          headers,
          body: addInput.omit({ idempotencyKey: true }),
          response: {
            200: successOf('The very same content was known; the access is recorded', added),
            201: successOf('It is new', added),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.add(keyed(request), requestContext(request, reply));
        return reply.code(result.isDuplicate ? 200 : 201).send(success(request, viewAdded(result)));
      },
    );

    const addedMany = z.object({ results: z.array(added), count: z.int().min(0) });
    app.post(
      '/add-many',
      {
        schema: {
          tags,
          summary: 'Remember many texts at once: all of them or, on an error, none',
          headers,
          body: addManyInput.omit({ idempotencyKey: true }),
          response: {
            200: successOf('All were known', addedMany),
            201: successOf('At least one is new', addedMany),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const results = await operations.addMany(keyed(request), requestContext(request, reply));
        const allKnown = results.every(({ isDuplicate }) => isDuplicate);
        return reply
          .code(allKnown ? 200 : 201)
          .send(success(request, { results: results.map(viewAdded), count: results.length }));
      },
    );

    app.post(
      '/query',
      {
        schema: {
          tags,
          summary: 'Recall by meaning and words',
          description:
            'Strengthens what it returns, unless `record` is false. With `asOf` (a position in the log or a time) it finds what was live then, ranked by the states of then, and records nothing.',
          headers,
          body: queryInput.omit({ idempotencyKey: true }),
          response: {
            200: successOf(
              'What was found, best first',
              z.object({
                memories: z.array(recalledMemoryView).readonly(),
                count: z.int().min(0),
                query: z.string(),
                recallId: z.uuid().nullable().describe('Names this recall for cite; null when it was not recorded'),
                associated: z
                  .array(associatedView)
                  .readonly()
                  .optional()
                  .describe('Where expand asked for them: memories associated with results, the strongest first'),
              }),
              {
                queryTime: z.number().describe('Milliseconds since the request arrived'),
                embeddingProvider: z.string(),
                degraded: z.literal('lexical').optional().describe('The model was too slow: words alone were searched'),
                promotions: z
                  .array(z.object({ memoryId: z.uuid(), toTier: z.enum(tiers) }))
                  .readonly()
                  .optional()
                  .describe('A forecast: what this recall will promote once it is folded'),
                asOf: momentView.optional().describe('The moment that was asked about'),
              },
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const context = requestContext(request, reply);
        const result = await operations.query(keyed(request), context);
        const { memories, count, query, recallId, embeddingProvider, degraded, promotions, associated, asOf } = result;
        return {
          ...success(request, {
            ...{ memories: memories.map(viewRecalledMemory), count, query, recallId },
            ...(associated ? { associated: associated.map(viewAssociated) } : {}),
          }),
          meta: {
            ...metaOf(request),
            queryTime: Math.round(context.elapsedMs() * 10) / 10,
            embeddingProvider,
            ...(degraded ? { degraded } : {}),
            ...(promotions.length > 0 ? { promotions } : {}),
            ...(asOf ? { asOf } : {}),
          },
        };
      },
    );

    app.post(
      '/cite',
      {
        schema: {
          tags,
          summary: 'Say which results of a recall were used',
          headers,
          body: citeInput.omit({ idempotencyKey: true }),
          response: {
            200: successOf('What this call strengthened', z.object({ cited: z.array(z.uuid()).readonly() })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const { cited } = await operations.cite(keyed(request), requestContext(request, reply));
        return success(request, { cited });
      },
    );

    app.get(
      '/bootstrap',
      {
        schema: {
          tags,
          summary: 'The memories that matter for the start of a conversation',
          description:
            'Reads only: it changes nothing. With `format=prompt` also as text for a system prompt, within `tokenBudget` estimated tokens. With `asOf`, as it was at a position in the log or a time.',
          querystring: bootstrapParams,
          response: {
            200: successOf(
              'A snapshot of the tiers',
              z.object({
                memories: z.object({ active: memories, thread: memories, stable: memories }),
                distribution: counts.extend({ total: z.int().min(0) }),
                cut: counts.describe(
                  `How many of each tier were left out; ${limits.bootstrapCut} means at least that many`,
                ),
                prompt: z
                  .object({ text: z.string(), tokens: z.int().min(0).describe('Estimated') })
                  .optional()
                  .describe('The same memories as text for a system prompt, where format asked for it'),
                asOf: momentView.optional().describe('The moment that was asked about'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const result = await operations.bootstrap(request.query, requestContext(request, reply));
        const { active, thread, stable } = result.memories;
        return success(request, {
          memories: {
            active: active.map(viewMemory),
            thread: thread.map(viewMemory),
            stable: stable.map(viewMemory),
          },
          distribution: result.distribution,
          cut: result.cut,
          ...(result.prompt ? { prompt: result.prompt } : {}),
          ...(result.asOf ? { asOf: result.asOf } : {}),
        });
      },
    );
    done();
  };
}
