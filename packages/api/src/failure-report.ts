import type { AnimaError, Log } from '@anima/core';
import { errorMap } from './error-map.ts';
import { loggableError } from './loggable-error.ts';
import type { Meter } from './meter.ts';
import { toAnimaError } from './wire-error.ts';

/** Tells the operators of what went wrong, and says what the caller is to be told. */
export type ReportFailure = (
  error: unknown,
  request: { readonly requestId: string; readonly operation: string | undefined },
) => AnimaError;

/** Every failure is counted; a defect is logged as an error, trouble of the server's parts as a warning. */
export function createFailureReport({ log, meter }: { readonly log: Log; readonly meter: Meter }): ReportFailure {
  return (error, { requestId, operation }) => {
    const failure = toAnimaError(error);
    meter.countError(failure.code);
    const { status } = errorMap[failure.code];
    // What is turned away is counted, by thousands: a line for each would be more work than to answer.
    if (status >= 500 && failure.code !== 'OVERLOADED') {
      const fields = { requestId, operation, code: failure.code, err: loggableError(failure) };
      if (status === 500) log.error(fields, 'a request failed on a defect');
      else log.warn(fields, 'a request could not be served now');
    }
    return failure;
  };
}
