import type { ArchiveReport, LogSizes } from '@anima/core';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { errorResponses, success, successOf } from './envelope.ts';

const count = z.int().min(0);

const sizesView = z.object({
  events: count.describe('Ever appended'),
  events_of_last_day: count,
  table: z.object({ events: count, bytes: count }).describe('What is in the database'),
  archive: z.object({
    place: z.string().nullable().describe('Where files go; null where nothing is configured'),
    keep_days: count,
    events: count,
    files: count,
    bytes: count.describe('Compressed'),
    written_at: z.iso.datetime().nullable(),
    snapshot_bytes: count.describe('Of the snapshots that a rebuild begins with'),
  }),
});

const reportView = z.object({
  dry_run: z.boolean(),
  events: count,
  files: count,
  bytes: count,
  forgotten: count.describe('Events that were dropped, past the retention of their space'),
  held: z
    .object({ folding: count, receipts: count, reembedding: count })
    .describe('In how many shards old events wait for something'),
});

const tags = ['archive'];

/** The part of the log that is old. */
export function archiveRoutes(operations: Operations): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/archive',
      {
        schema: {
          ...{ tags, summary: 'How large the log and its archive are, and how fast it grows' },
          response: { 200: successOf('Sizes', sizesView), ...errorResponses },
        },
      },
      async (request, reply) => success(request, viewSizes(await operations.logSizes(requestContext(request, reply)))),
    );
    app.post(
      '/archive',
      {
        schema: {
          ...{ tags, summary: 'Move old events from the database to files, or (dryRun) only say which' },
          body: z.strictObject({ dryRun: z.boolean().default(false) }),
          response: { 200: successOf('What was moved', reportView), ...errorResponses },
        },
      },
      async (request, reply) => {
        let report: ArchiveReport | undefined;
        for await (const step of operations.archiveLog(request.body, requestContext(request, reply))) {
          if (step.type === 'report') report = step.report;
        }
        if (!report) throw new Error('the archiving ended without a report');
        const { dryRun: dry_run, ...counts } = report;
        return success(request, { dry_run, ...counts });
      },
    );
    done();
  };
}

function viewSizes({ events, eventsOfLastDay, table, archive }: LogSizes): z.output<typeof sizesView> {
  const { keepDays, writtenAt, snapshotBytes, ...more } = archive;
  return {
    ...{ events, events_of_last_day: eventsOfLastDay, table },
    archive: { ...more, keep_days: keepDays, written_at: writtenAt, snapshot_bytes: snapshotBytes },
  };
}
