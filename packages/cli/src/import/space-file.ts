import { createHash } from 'node:crypto';
import type { AnimaClient, ImportStep } from '@anima/client';
import { z } from 'zod';
import { CliError } from '../failure.ts';
import { FileLines } from './file-lines.ts';

/** The format and version that this command knows. */
export const spaceFileFormat = 'anima-space';
const knownVersion = 1;

/** Lines of one request, and bytes of them: with one more line still well below the 4 MiB that the server takes. */
const linesAtOnce = 1_000;
const bytesAtOnce = 512 * 1024;

const header = z.object({
  kind: z.literal('header'),
  format: z.literal(spaceFileFormat),
  space: z.string(),
  exportedAt: z.string(),
});
const trailer = z.object({
  kind: z.literal('trailer'),
  lines: z.int(),
  counts: z.record(z.string(), z.int()),
  sha256: z.string(),
});

/** A whole, unaltered file of a space. */
export interface SpaceFile {
  readonly path: string;
  readonly space: string;
  readonly exportedAt: string;
  /** Of each kind of line. */
  readonly counts: Readonly<Record<string, number>>;
  /** Trailer and all. */
  readonly lines: number;
  readonly digest: string;
}

/**
 * Reads a file to its end before anything of it is sent.
 *
 * @throws CliError when it is cut off, altered, or of a format that this command does not know
 */
export async function readSpaceFile(path: string): Promise<SpaceFile> {
  const hash = createHash('sha256');
  let first: z.infer<typeof header> | undefined;
  let last = '';
  let lines = 0;
  for await (const { number, content } of new FileLines(path)) {
    if ('unreadable' in content) throw faulty(path, `line ${number}: ${content.unreadable}`);
    if (number === 1) first = readHeader(path, content.text);
    else hash.update(last).update('\n');
    last = content.text;
    lines = number;
  }
  const end = trailer.safeParse(parsed(last));
  if (!first || !end.success || end.data.lines !== lines - 1)
    throw faulty(path, 'the file is cut off: its last line is no trailer');
  const digest = hash.digest('hex');
  if (end.data.sha256 !== digest) throw faulty(path, 'the file was altered: its trailer has the digest of other lines');
  const { space, exportedAt } = first;
  return { path, space, exportedAt, counts: end.data.counts, lines, digest };
}

function readHeader(path: string, text: string): z.infer<typeof header> {
  const value = parsed(text);
  const version = z.object({ format: z.literal(spaceFileFormat), version: z.int() }).safeParse(value);
  if (version.success && version.data.version > knownVersion) {
    throw faulty(
      path,
      `the file has version ${version.data.version} of the format, this command knows ${knownVersion}: upgrade Anima`,
    );
  }
  const read = header.safeParse(value);
  if (!read.success) throw faulty(path, 'line 1 is no header of an exported space');
  return read.data;
}

/** What a line says; undefined when it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faulty(path: string, message: string): CliError {
  return new CliError('VALIDATION_ERROR', `${path}: ${message}`, {
    hint: 'Nothing of it was imported. Export the space again.',
  });
}

export interface SpaceImportOptions {
  readonly space: string;
  /** Ends the import between two requests; the next run goes on there. */
  readonly signal: AbortSignal;
  readonly onProgress: (step: {
    readonly stage: 'sending' | ImportStep['stage'];
    readonly done: number;
    readonly total: number;
  }) => void;
}

/** How an import ended: `known` when the space had come from this very file before. */
export type SpaceImportOutcome = 'imported' | 'known' | 'stopped';

/** Sends what the server does not have yet of a file, and has it made the space. */
export async function importSpaceFile(
  client: AnimaClient,
  file: SpaceFile,
  { space, signal, onProgress }: SpaceImportOptions,
): Promise<SpaceImportOutcome> {
  const { digest, lines: total } = file;
  const place = await client.spaces.stageImport.mutate({ space, digest, after: 0, lines: [] });
  if (place.stage === 'done') return 'known';
  if (place.stage === 'receiving') {
    for await (const { after, lines } of batchesOf(file.path, place.received)) {
      if (signal.aborted) return 'stopped';
      await client.spaces.stageImport.mutate({ space, digest, after, lines });
      onProgress({ stage: 'sending', done: after + lines.length, total });
    }
  }
  for await (const step of await client.spaces.applyImport.mutate({ space, digest })) {
    onProgress(step);
    if (signal.aborted && step.stage !== 'done') return 'stopped';
  }
  return 'imported';
}

async function* batchesOf(
  path: string,
  received: number,
): AsyncGenerator<{ readonly after: number; readonly lines: readonly string[] }> {
  const file = new FileLines(path);
  let lines: string[] = [];
  let after = received;
  let start = 0;
  for await (const { number, content } of file) {
    if (number <= received) {
      start = file.bytes;
      continue;
    }
    if ('unreadable' in content) throw faulty(path, `line ${number}: ${content.unreadable}`);
    lines.push(content.text);
    if (lines.length < linesAtOnce && file.bytes - start < bytesAtOnce) continue;
    yield { after, lines };
    after = number;
    start = file.bytes;
    lines = [];
  }
  if (lines.length > 0) yield { after, lines };
}
