import { addInput } from '@anima/core';
import { z } from 'zod';
import { recallTools } from './recall-tools.ts';
import type { Tool } from './tool.ts';
import { writeTools } from './write-tools.ts';

/** A tool as a list shows it. */
interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown };
  readonly annotations: Readonly<
    Record<'readOnlyHint' | 'destructiveHint' | 'idempotentHint' | 'openWorldHint', boolean>
  >;
}

/** The tools of a connection. */
export interface Toolbox {
  readonly descriptions: readonly ToolDescription[];
  find(name: string): Tool | undefined;
}

const tools: readonly Tool[] = [...recallTools, ...writeTools];

const space = addInput.shape.space.describe('Space to work in: memories of different spaces never meet');

/** With a parameter for the space; a connection that is bound to one has none, and cannot reach another. */
export const openToolbox: Toolbox = toolbox(tools.map((one) => ({ ...one, input: one.input.extend({ space }) })));
export const boundToolbox: Toolbox = toolbox(tools);

function toolbox(contents: readonly Tool[]): Toolbox {
  const byName = new Map(contents.map((one) => [one.name, one]));
  return { descriptions: contents.map(describe), find: (name) => byName.get(name) };
}

function describe({ name, title, description, input, isReadOnly, isIdempotent }: Tool): ToolDescription {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', override: withoutNoise });
  return {
    ...{ name, title, description },
    inputSchema: { ...schema, type: 'object' },
    // Whatever is done here can be undone: what is forgotten is restored, what is changed keeps its versions.
    annotations: {
      ...{ readOnlyHint: isReadOnly, destructiveHint: false },
      ...{ idempotentHint: isIdempotent, openWorldHint: false },
    },
  };
}

/** A model reads every schema at the start of each conversation, so what tells it nothing is left out. */
function withoutNoise({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.readOnly;
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
