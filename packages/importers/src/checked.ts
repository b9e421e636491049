import type { z } from 'zod';
import type { Findings } from './reading.ts';

/** What a part of a document says; undefined, and a fault, where it is not what it should be. */
export function checked<T>(findings: Findings, place: string, schema: z.ZodType<T>, value: unknown): T | undefined {
  const { data, error } = schema.safeParse(value);
  if (error) findings.fault(place, firstIssue(error));
  return data;
}

/** Where a document is not what it should be, and what was expected there. */
function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return error.message;
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
