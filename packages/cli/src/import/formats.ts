import { readFile } from 'node:fs/promises';
import { isTranscriptLine, kindOfDocument, kinds } from '@anima/importers';
import { CliError } from '../failure.ts';
import { FileLines } from './file-lines.ts';
import { fromGraph, graphItems, isGraphItem } from './mcp-memory.ts';
import { fromMem0, isMem0Item, mem0Items } from './mem0.ts';
import { parsed, spaceFileFormat } from './space-file.ts';

/** What may be imported: an exported space, lines of memories, what another memory has written, and what people have. */
export const formats = ['anima', 'jsonl', ...kinds, 'mem0', 'mcp-memory'] as const;
export type Format = (typeof formats)[number];

/** What is imported line by line. */
export type Lined = Extract<Format, 'jsonl' | 'mem0' | 'mcp-memory'>;

/** Notes, exports and transcripts, each looked at by itself. */
export type Found = Format | 'files';

/** What the first line that says something looks like; a file that is one JSON document is read whole. */
export async function detectFormat(path: string): Promise<Found> {
  if (/\.(zip|md|markdown|txt)$/i.test(path)) return 'files';
  for await (const { content } of new FileLines(path)) {
    // An export is one long line.
    if ('unreadable' in content) return formatOfDocument(await readDocument(path));
    if (content.text.trim() === '') continue;
    const value = parsed(content.text);
    if (typeof value === 'object' && value !== null && 'format' in value && value.format === spaceFileFormat)
      return 'anima';
    if (isGraphItem(value)) return 'mcp-memory';
    if (isMem0Item(value)) return 'mem0';
    if (isTranscriptLine(value)) return 'transcript';
    if (!/^\s*[[{]/.test(content.text)) return 'jsonl';
    const isDocument = value === undefined || Array.isArray(value) || !('content' in (value as object));
    return isDocument ? formatOfDocument(await readDocument(path)) : 'jsonl';
  }
  return 'jsonl';
}

function formatOfDocument(value: unknown): Format {
  const kind = kindOfDocument(value);
  if (kind) return kind;
  if (graphItems(value)) return 'mcp-memory';
  return mem0Items(value) ? 'mem0' : 'jsonl';
}

/** Lines of an import file, and the user each belongs to, where the format knows users. */
export interface ForeignLine {
  readonly line: unknown;
  readonly user: string | undefined;
}

/** What another memory has written, as lines of an import file. */
export async function* foreignLines(path: string, format: 'mem0' | 'mcp-memory'): AsyncGenerator<ForeignLine> {
  for await (const value of foreignItems(path, format === 'mem0' ? mem0Items : graphItems)) {
    if (format === 'mem0') yield fromMem0(value);
    else for (const line of fromGraph(value)) yield { line, user: undefined };
  }
}

async function* foreignItems(path: string, itemsOf: (document: unknown) => readonly unknown[] | undefined) {
  const document = await readDocument(path);
  if (document !== undefined) {
    const items = itemsOf(document) ?? [document];
    yield* items;
    return;
  }
  for await (const { number, content } of new FileLines(path)) {
    if ('unreadable' in content)
      throw new CliError('VALIDATION_ERROR', `${path}: line ${number}: ${content.unreadable}`);
    // What is not JSON goes on as the text that it is, and is refused like any other line.
    if (content.text.trim() !== '') yield parsed(content.text) ?? content.text;
  }
}

/** A file that is one JSON value; undefined when it is none. */
async function readDocument(path: string): Promise<unknown> {
  return parsed(await readFile(path, 'utf8'));
}
