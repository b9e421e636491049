import { benchReport, getBenchInput, listBenchInput } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';
import { wholeNumberParam } from './query-string.ts';

const tags = ['bench'];

const id = z.uuid().describe('Of the run');
const summaryView = benchReport.omit({ blocks: true }).extend({ id });
const runView = benchReport.extend({ id });
const pageParams = listBenchInput.extend({ limit: wholeNumberParam(listBenchInput.shape.limit) });

/** Runs of the bench, over REST. */
export function benchRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/runs',
      {
        schema: {
          ...{ tags, summary: 'Record a run', body: benchReport },
          description: 'Recorded twice it is one run. The last 1,000 are kept.',
          response: { 201: successOf('It is kept', z.object({ id })), ...errorResponses },
        },
      },
      async (request, reply) => {
        const recorded = await operations.recordBench({ report: request.body }, requestContext(request, reply));
        return reply.code(201).send(success(request, recorded));
      },
    );
    app.get(
      '/runs',
      {
        schema: {
          ...{ tags, summary: 'The runs that were recorded, latest first', querystring: pageParams },
          response: {
            200: successOf(
              'A page, without what there is to look at',
              z.object({
                runs: z.array(summaryView).readonly(),
                next: z.string().nullable().describe('The cursor of the next page'),
              }),
            ),
            ...errorResponses,
          },
        },
      },
      async (request, reply) =>
        success(request, await operations.listBench(request.query, requestContext(request, reply))),
    );
    app.get(
      '/runs/:id',
      {
        schema: {
          ...{ tags, summary: 'A run, with all there is to look at', params: getBenchInput },
          response: { 200: successOf('The run', runView), ...errorResponses },
        },
      },
      async (request, reply) =>
        success(request, await operations.getBench(request.params, requestContext(request, reply))),
    );
    done();
  };
}
