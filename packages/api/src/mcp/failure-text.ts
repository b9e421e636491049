import type { AnimaError, ErrorCode } from '@anima/core';
import { errorView } from '../wire-error.ts';

/** What a model can do next about a failure. */
const advice: Readonly<Record<ErrorCode, string>> = {
  VALIDATION_ERROR: 'Correct what is named and call again.',
  UNAUTHORIZED: 'The person who set this connection up can give it a key.',
  FORBIDDEN: 'The person who set this connection up decides what it may do.',
  NOT_FOUND: 'search_memories and list_memories show the ids that there are.',
  CONFLICT: 'get_memory shows what became of it.',
  ARCHIVED: 'Go on without it: what is that old is not kept at hand.',
  PAYLOAD_TOO_LARGE: 'Send less at once.',
  RATE_LIMITED: 'Wait a moment and call again.',
  OVERLOADED: 'Wait a moment and call again.',
  UNAVAILABLE: 'Wait a moment and call again.',
  INTERNAL: 'It is a defect of the server; go on without it.',
};

/** A failure as a model reads it: what went wrong, the fields at fault, what to do next. */
export function failureText(error: AnimaError): string {
  const { code, message, details = [] } = errorView(error);
  const fields = details.map(({ field, message: fault }) => `${field}: ${fault}`).filter((line) => line !== message);
  return [`${code}: ${message}`, ...fields, advice[code]].join('\n');
}
