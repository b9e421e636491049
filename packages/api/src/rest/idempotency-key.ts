import { addInput } from '@anima/core';
import { z } from 'zod';

/** REST callers send the key of a retry as a header; the body is otherwise that of the procedure. */
export const headers = z.looseObject({ 'idempotency-key': addInput.shape.idempotencyKey });

/** The body as the operations take it, with the key from its header. */
export function keyed<Body extends object>(request: {
  readonly body: Body;
  readonly headers: { readonly 'idempotency-key'?: string | undefined };
}) {
  return { ...request.body, idempotencyKey: request.headers['idempotency-key'] };
}
