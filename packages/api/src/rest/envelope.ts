import { errorCodes } from '@anima/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ErrorView } from '../wire-error.ts';

const meta = z.object({
  requestId: z.string(),
  timestamp: z.iso.datetime(),
});

/** The shape of a REST success, for one kind of data; `more` is what `meta` says of how it came to be. */
export function successOf<Data extends z.ZodType, More extends z.ZodRawShape = Record<never, never>>(
  description: string,
  data: Data,
  more: More = {} as More,
) {
  return z.object({ success: z.literal(true), data, meta: meta.extend(more) }).describe(description);
}

/** The shape of every REST error. */
export const errorEnvelope = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: z.enum(errorCodes),
      message: z.string(),
      details: z
        .array(
          z.object({
            field: z.string(),
            message: z.string(),
            limit: z
              .union([z.number(), z.string()])
              .optional()
              .describe('The bound that was broken, where there is one'),
          }),
        )
        .readonly()
        .optional(),
    }),
    meta,
  })
  .meta({ id: 'Error', description: 'What went wrong, and in which fields' });

const errorContent = { 'application/json': { schema: errorEnvelope } };

/** The errors that any route may answer with. */
export const errorResponses = {
  '4xx': { description: 'The request is at fault; details name the fields', content: errorContent },
  '5xx': { description: 'The server is away, overloaded or at fault', content: errorContent },
};

export function metaOf(request: Pick<FastifyRequest, 'id'>): z.output<typeof meta> {
  return { requestId: request.id, timestamp: new Date().toISOString() };
}

export function success<Data>(request: FastifyRequest, data: Data) {
  return { success: true as const, data, meta: metaOf(request) };
}

export function failure(request: Pick<FastifyRequest, 'id'>, error: ErrorView): z.output<typeof errorEnvelope> {
  return { success: false, error, meta: metaOf(request) };
}
