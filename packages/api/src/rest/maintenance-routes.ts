import { type ConsolidationStep, consolidateInput, differences, projections, type RebuildReport } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';

const count = z.int().min(0);
const member = z.object({ memory_id: z.uuid(), content: z.string() });

const pairView = z.object({
  survivor: member.describe('The earlier-added of the two'),
  merged: member,
  similarity: z.number(),
  difference: z.enum(differences).nullable().describe('What they state differently; null when they say the same'),
  is_merged: z.boolean(),
});

const reportView = z.object({
  projection: z.enum(projections),
  events: count,
  rows: count,
  difference_count: count.describe('Rows that a replay of the log gives otherwise'),
  applied: z.boolean(),
});

/** Pairs that an answer shows; all are counted. */
const shownPairs = 1_000;

/** Long work whose steps tRPC streams, as one answer each. */
export function maintenanceRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/spaces/consolidate',
      {
        schema: {
          ...{ tags: ['spaces'], summary: 'Merge the memories of a space that say the same', body: consolidateInput },
          description: 'Looks through all of them. `dryRun` only says which, and why others are left alone.',
          response: {
            200: successOf(
              'What was compared',
              z.object({
                pairs: z.array(pairView).describe('The first 1,000'),
                ...{ examined: count, merged: count, different: count },
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) =>
        success(request, await gathered(operations.consolidate(request.body, requestContext(request, reply)))),
    );
    app.post(
      '/projections/rebuild',
      {
        schema: {
          tags: ['projections'],
          summary: 'Make state and associations anew from the log, or (verify) only compare them with a replay',
          body: z.strictObject({ verify: z.boolean().default(false), full: z.boolean().default(false) }),
          response: {
            200: successOf('What was replayed', z.object({ reports: z.array(reportView) })),
            ...errorResponses,
          },
        },
      },
      async (request, reply) => {
        const reports: z.output<typeof reportView>[] = [];
        for await (const step of operations.rebuild(request.body, requestContext(request, reply))) {
          if (step.type === 'report') reports.push(viewReport(step.report));
        }
        return success(request, { reports });
      },
    );
    done();
  };
}

async function gathered(steps: AsyncIterable<ConsolidationStep>) {
  const pairs: z.output<typeof pairView>[] = [];
  let counts = { examined: 0, merged: 0, different: 0 };
  for await (const step of steps) {
    if (step.type === 'report') counts = { examined: step.examined, merged: step.merged, different: step.different };
    else if (step.type === 'pair' && pairs.length < shownPairs) {
      const { survivor, merged, similarity, difference, isMerged } = step.pair;
      const view = ({ memoryId, content }: typeof merged) => ({ memory_id: memoryId, content });
      pairs.push({ survivor: view(survivor), merged: view(merged), similarity, difference, is_merged: isMerged });
    }
  }
  return { pairs, ...counts };
}

function viewReport({ projection, events, rows, differenceCount, applied }: RebuildReport) {
  return { projection, events, rows, difference_count: differenceCount, applied };
}
