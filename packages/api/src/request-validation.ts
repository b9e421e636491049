import { AnimaError, validationError } from '@anima/core';
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

/** Fastify's hook for zod: what a schema refuses becomes core's `VALIDATION_ERROR`. */
export const validateRequest: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const error = validationError(parsed.error);
    return { error: httpPart === 'headers' ? namingHeaders(error) : error };
  };

/** What a schema makes of a value. @throws AnimaError `VALIDATION_ERROR` */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw validationError(parsed.error);
}

/** Node gives header names in lower case; people know them as `Idempotency-Key`. */
function namingHeaders(error: AnimaError): AnimaError {
  const details = (error.details ?? []).map((detail) => ({
    ...detail,
    field: detail.field.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()),
  }));
  const first = details[0];
  return new AnimaError(error.code, first ? `${first.field}: ${first.message}` : error.message, {
    details,
    cause: error,
  });
}
