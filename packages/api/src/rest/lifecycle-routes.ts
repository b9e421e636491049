import {
  changeInput,
  type GetResult,
  getInput,
  listInput,
  markInput,
  type StoredEntry,
  setTierInput,
  tiers,
  unmergeInput,
  updateInput,
} from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { type RequestContext, requestContext } from '../request-context.ts';
import { checked } from '../request-validation.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { headers, keyed } from './idempotency-key.ts';
import { memoryView, viewMemory } from './memory-view.ts';
import { flagParam, listParam, wholeNumberParam } from './query-string.ts';

const time = z.iso.datetime();
const notChanged = ['live', 'hidden', 'merged', 'expired', 'erased', 'duplicate'] as const;

const entryView = memoryView
  .extend({
    version: z.int().min(1),
    occurred_at: time.nullable(),
    visibility: z.enum(['live', 'hidden', 'merged', 'expired', 'erased']),
    merged_into: z.uuid().nullable().describe('The memory that it is a variant of'),
    expires_at: time.nullable(),
    embedding: z.enum(['ready', 'pending']),
  })
  .meta({ id: 'MemoryEntry', description: 'A memory, whatever became of it' });

const detailsView = entryView
  .extend({
    versions: z.array(z.object({ version: z.int().min(1), replaced_at: time.nullable() })).readonly(),
    variants: z.array(z.uuid()).readonly().describe('Memories that were merged into this one'),
  })
  .meta({ id: 'MemoryDetails', description: 'A memory with its versions and variants' });

const changed = z.object({
  memoryIds: z.array(z.uuid()).readonly().describe('What was changed, or would be: the first 1,000'),
  count: z.int().min(0),
  unchanged: z.array(z.object({ memoryId: z.uuid(), because: z.enum(notChanged) })).readonly(),
  isDryRun: z.boolean(),
});

const memoryParam = z.strictObject({ memoryId: z.uuid() });
const getParams = getInput.omit({ memoryId: true }).extend({ version: wholeNumberParam(getInput.shape.version) });
const listParams = listInput.extend({
  tiers: listParam(listInput.shape.tiers),
  tags: listParam(listInput.shape.tags),
  isCatalyst: flagParam(listInput.shape.isCatalyst),
  isPending: flagParam(listInput.shape.isPending),
  descending: flagParam(listInput.shape.descending),
  limit: wholeNumberParam(listInput.shape.limit),
});
const { memoryId: _memoryId, idempotencyKey: _key, ...updateShape } = updateInput.shape;
const setOneTier = z.strictObject({
  memoryId: z.uuid(),
  tier: setTierInput.shape.tier,
  reason: setTierInput.shape.reason,
  space: setTierInput.shape.space,
});

/** One kind of change, of several memories at once. */
const changes = [
  ['forget', 'Hide memories from queries', changeInput],
  ['restore', 'Show forgotten and expired memories again', changeInput],
  ['erase', 'Remove what was said for good; the log keeps ids and numbers', changeInput],
  ['mark', 'Make memories catalysts, or (catalyst: false) no longer', markInput],
] as const;

const tags = ['memories'];

/** What happens to memories after they were added, over REST. */
export function lifecycleRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '',
      {
        schema: {
          ...{ tags, summary: 'List memories, page by page', querystring: listParams },
          response: {
            200: successOf(
              'A page',
              z.object({
                memories: z.array(entryView).readonly(),
                next: z.string().nullable().describe('The cursor of the next page'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const { memories, next } = await operations.list(request.query, requestContext(request, reply));
        return success(request, { memories: memories.map(viewEntry), next });
      },
    );

    app.get(
      '/:memoryId',
      {
        schema: {
          ...{ tags, summary: 'One memory, whatever became of it', params: memoryParam, querystring: getParams },
          response: { 200: successOf('The memory', detailsView), ...errorResponses },
        },
      },
      async (request, reply) => {
        const input = { ...request.query, ...request.params };
        return success(request, viewDetails(await operations.get(input, requestContext(request, reply))));
      },
    );

    app.patch(
      '/:memoryId',
      {
        schema: {
          ...{ tags, summary: 'Replace parts of a memory', headers, params: memoryParam },
          description: 'Other content is a new version; the old one stays readable.',
          body: z.strictObject(updateShape),
          response: {
            200: successOf('As it is now', z.object({ memory: entryView, is_new_version: z.boolean() })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const input = checked(updateInput, { ...keyed(request), ...request.params });
        const { memory, isNewVersion } = await operations.update(input, requestContext(request, reply));
        return success(request, { memory: viewEntry(memory), is_new_version: isNewVersion });
      },
    );

    for (const [operation, summary, input] of changes) {
      const { idempotencyKey: _, ...body } = input.shape;
      app.post(
        `/${operation}`,
        {
          schema: {
            ...{ tags, summary, headers, body: z.strictObject(body) },
            description: 'Names memories, or with `where` all that meet its conditions; `dryRun` only says which.',
            response: { 200: successOf('What was changed', changed), ...errorResponses },
          },
        },
        async (request, reply) => {
          const run = operations[operation] as (
            given: unknown,
            context: RequestContext,
          ) => ReturnType<Operations['mark']>;
          return success(request, await run(checked(input, keyed(request)), requestContext(request, reply)));
        },
      );
    }

    app.post(
      '/update-tier',
      {
        schema: {
          ...{ tags, summary: 'Set the tier of a memory by hand', headers, body: setOneTier },
          description: 'It stays until the threshold of a higher tier is crossed anew; `network` stays for good.',
          response: {
            200: successOf(
              'The memory with that tier',
              z.object({
                memory: entryView,
                promotion: z.object({ from: z.enum(tiers), to: z.enum(tiers) }).nullable(),
                message: z.string(),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const { memoryId, tier, space, ...rest } = keyed(request);
        const context = requestContext(request, reply);
        const before = await operations.get({ memoryId, space }, context);
        const { count, unchanged } = await operations.setTier(
          { memoryIds: [memoryId], tier, space, dryRun: false, ...rest },
          context,
        );
        const memory = viewEntry(count > 0 ? { ...before, tier } : before);
        const promotion = count > 0 && before.tier !== tier ? { from: before.tier, to: tier } : null;
        const message = count > 0 ? `The tier is ${tier}` : `Not changed: the memory is ${unchanged[0]?.because}`;
        return success(request, { memory, promotion, message });
      },
    );

    app.post(
      '/unmerge',
      {
        schema: {
          ...{ tags, summary: 'Make a variant a memory of its own again', headers },
          body: unmergeInput.omit({ idempotencyKey: true }),
          response: {
            200: successOf('What it was a variant of', z.object({ memoryId: z.uuid(), survivor: z.uuid() })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) =>
        success(request, await operations.unmerge(keyed(request), requestContext(request, reply))),
    );
    done();
  };
}

function viewEntry(entry: StoredEntry): z.output<typeof entryView> {
  return {
    ...viewMemory(entry),
    version: entry.version,
    occurred_at: entry.occurredAt,
    visibility: entry.visibility,
    merged_into: entry.mergedInto,
    expires_at: entry.expiresAt,
    embedding: entry.embedding,
  };
}

function viewDetails(details: GetResult): z.output<typeof detailsView> {
  const versions = details.versions.map(({ version, replacedAt }) => ({ version, replaced_at: replacedAt }));
  return { ...viewEntry(details), versions, variants: details.variants };
}
