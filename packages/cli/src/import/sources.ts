import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { batches } from './batches.ts';
import { FileLines } from './file-lines.ts';
import { foreignLines, type Lined } from './formats.ts';
import { sizeOfFile } from './import-file.ts';

/** Lines of memories for one space. */
export interface Source {
  readonly path: string;
  readonly space: string;
  /** What a refused line is called: a memory where the lines are not the ones of the person's file. */
  readonly unit: 'line' | 'memory';
}

/**
 * Works on a file of memories as lines, whatever its format: what another memory has written is rewritten to files of
 * their own first, always in the same way, so that an import of it goes on where it stopped.
 *
 * @param perUser a space for each user that the format names; the others' is `space`
 */
export async function withSources<T>(
  {
    path,
    format,
    space,
    perUser,
  }: {
    readonly path: string;
    readonly format: Lined;
    readonly space: string;
    readonly perUser: boolean;
  },
  work: (sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  if (format === 'jsonl') return work([{ path, space, unit: 'line' }]);
  const folder = await mkdtemp(join(tmpdir(), 'anima-import-'));
  try {
    const spaces = new Map(perUser ? [] : [[space, join(folder, 'memories.jsonl')]]);
    for await (const { user } of foreignLines(path, format)) {
      const of = (perUser && user) || space;
      if (!spaces.has(of)) spaces.set(of, join(folder, `${spaces.size}.jsonl`));
    }
    for (const [of, file] of spaces) {
      await pipeline(Readable.from(linesOf(of)), createWriteStream(file, { mode: 0o600 }));
    }
    return await work([...spaces].map(([of, file]) => ({ path: file, space: of, unit: 'memory' as const })));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  async function* linesOf(of: string): AsyncGenerator<string> {
    if (format === 'jsonl') return;
    for await (const { line, user } of foreignLines(path, format)) {
      if (((perUser && user) || space) === of) yield `${JSON.stringify(line)}\n`;
    }
  }
}

/** What an import would send of a source. */
export interface Preview {
  readonly space: string;
  readonly memories: number;
  /** Lines that are no memories; the rules of a memory are the server's, which looks at the others. */
  readonly refused: number;
  readonly unknownKeys: Readonly<Record<string, number>>;
}

/** Reads a source to its end and sends nothing. */
export async function preview({ path, space }: Source): Promise<Preview> {
  await sizeOfFile(path);
  const unknownKeys = new Map<string, number>();
  let memories = 0;
  let refused = 0;
  for await (const batch of batches(new FileLines(path), { after: 0, size: 100, cutAt: undefined })) {
    memories += batch.memories.length;
    refused += batch.refused.length;
    for (const [key, count] of batch.unknownKeys) unknownKeys.set(key, (unknownKeys.get(key) ?? 0) + count);
  }
  return { space, memories, refused, unknownKeys: Object.fromEntries(unknownKeys) };
}
