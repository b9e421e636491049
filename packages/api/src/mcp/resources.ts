import { AnimaError, addInput, bootstrapInput, getInput, listInput } from '@anima/core';
import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { Operations } from '../operations.ts';
import type { RequestContext } from '../request-context.ts';
import { checked } from '../request-validation.ts';

export interface ResourceReader {
  readonly operations: Operations;
  readonly request: RequestContext;
  /** Whose memories are listed. */
  readonly space: string;
  /** Whether other spaces may be read as well. */
  readonly isBound: boolean;
}

const root = 'anima://spaces/';
const markdown = 'text/markdown';
/** Memories on a page of the list. */
const pageSize = 50;
/** The beginning of a memory that names it in a list. */
const nameLength = 80;

const spaceUri = (space: string) => `${root}${encodeURIComponent(space)}`;

export const resourceTemplates: ListResourceTemplatesResult = {
  resourceTemplates: [
    {
      uriTemplate: `${root}{space}`,
      name: 'space',
      title: 'A space',
      description: 'Its settings and its model',
      mimeType: 'application/json',
    },
    {
      uriTemplate: `${root}{space}/context`,
      name: 'context',
      title: 'What matters in a space',
      description: 'Text for the start of a conversation',
      mimeType: markdown,
    },
    {
      uriTemplate: `${root}{space}/memories/{memoryId}`,
      name: 'memory',
      title: 'A memory',
      description: 'What it says',
      mimeType: markdown,
    },
  ],
};

/** The space, what matters in it, and its memories page by page, newest first. */
export async function listResources(
  { operations, request, space }: ResourceReader,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const { memories, next } = await operations.list(
    checked(listInput, { space, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }),
    request,
  );
  const uri = spaceUri(space);
  const ofTheSpace = [
    { uri, name: `space ${space}`, mimeType: 'application/json' },
    { uri: `${uri}/context`, name: `what matters in ${space}`, mimeType: markdown },
  ];
  return {
    resources: [
      ...(cursor === undefined ? ofTheSpace : []),
      ...memories.map(({ id, content, updatedAt }) => ({
        uri: `${uri}/memories/${id}`,
        name: content.replaceAll(/\s+/g, ' ').slice(0, nameLength).toWellFormed(),
        mimeType: markdown,
        annotations: { lastModified: updatedAt },
      })),
    ],
    ...(next === null ? {} : { nextCursor: next }),
  };
}

/** @throws AnimaError `NOT_FOUND` for a URI that names nothing, `FORBIDDEN` for a space that the connection has not */
export async function readResource(reader: ResourceReader, uri: string): Promise<ReadResourceResult> {
  const { operations, request } = reader;
  const { space, what, memoryId } = parse(uri);
  if (reader.isBound && space !== reader.space) {
    throw new AnimaError('FORBIDDEN', `this connection is bound to the space "${reader.space}"`);
  }
  if (what === 'context') {
    const { prompt } = await operations.bootstrap(checked(bootstrapInput, { format: 'prompt', space }), request);
    return { contents: [{ uri, mimeType: markdown, text: prompt?.text ?? '' }] };
  }
  if (memoryId !== undefined) {
    const { content } = await operations.get(checked(getInput, { memoryId, space }), request);
    return { contents: [{ uri, mimeType: markdown, text: content }] };
  }
  const description = await operations.describeSpace({ space }, request);
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(description, null, 2) }] };
}

function parse(uri: string) {
  const [, encoded, what, memoryId] =
    /^anima:\/\/spaces\/([^/]+)(?:\/(context|memories\/([\da-f-]{36})))?$/i.exec(uri) ?? [];
  if (encoded === undefined) throw unknown(uri);
  try {
    return { space: checked(addInput.shape.space, decodeURIComponent(encoded)), what, memoryId };
  } catch (error) {
    if (error instanceof URIError) throw unknown(uri);
    throw error;
  }
}

function unknown(uri: string): AnimaError {
  return new AnimaError('NOT_FOUND', `there is no resource ${uri}: they begin with ${root}`);
}
