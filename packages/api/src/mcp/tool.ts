import type { z } from 'zod';
import type { Operations } from '../operations.ts';
import type { RequestContext } from '../request-context.ts';

/** What a tool works with, beside what the model sends it. */
interface ToolContext {
  readonly operations: Operations;
  readonly request: RequestContext;
  readonly space: string;
  /** Of the session, where the call names none: what is recalled in it becomes associated. */
  readonly conversationId: string | undefined;
  /** Of a client that repeats calls. */
  readonly idempotencyKey: string | undefined;
}

/** One thing that a model can do. Its answer is text: what a model reads, and nothing besides. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** Whether it only looks; recalling strengthens what it finds, and so does not. */
  readonly isReadOnly: boolean;
  /** Whether calling it again with the same input changes nothing more. */
  readonly isIdempotent: boolean;
  run(input: z.output<Input>, context: ToolContext): Promise<string>;
}

/** Ties a tool's input to its schema; the table of tools forgets the type again. */
export function tool<Input extends z.ZodObject>(definition: Tool<Input>): Tool {
  return definition as unknown as Tool;
}
