import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogArchive } from './log-archive.ts';
import { type Packed, packLines, unpackLines } from './packed-lines.ts';

/** Lines that were packed on this disk. */
export interface Spooled extends Packed {
  readonly path: string;
}

/** Gives a folder for files on their way out, which is gone afterwards. */
export async function withSpool<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'anima-archive-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function spool(folder: string, lines: AsyncIterable<string> | Iterable<string>): Promise<Spooled> {
  const path = join(folder, 'lines.gz');
  return { path, ...(await packLines(path, lines)) };
}

/**
 * Puts a file into the archive and reads it back from there, to the last line: what is not there as it was written is not archived.
 *
 * @param of whose it is, and what it is called, but for its digest, so that a name never means two contents
 */
export async function putVerified(
  archive: LogArchive,
  of: { readonly writer: string; readonly shard: number; readonly name: string },
  spooled: Spooled,
): Promise<string> {
  const folder = `${of.writer}/shard-${String(of.shard).padStart(2, '0')}`;
  const file = `${folder}/${of.name}-${spooled.sha256.slice(0, 12)}.jsonl.gz`;
  await archive.known.put(file, spooled.path);
  for await (const _ of unpackLines(await archive.get(file), spooled, file));
  return file;
}

/** Names sort as positions do. */
export function placeName(position: number): string {
  return String(position).padStart(12, '0');
}
