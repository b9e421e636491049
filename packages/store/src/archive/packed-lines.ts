import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** What is known of a file of lines, so that it can be told from any other. */
export interface Packed {
  readonly lines: number;
  /** Compressed. */
  readonly bytes: number;
  /** Of the lines as they were before, each with its end; hex. */
  readonly sha256: string;
}

/** Characters that are compressed at once: a line by itself costs a turn of the threads that do it. */
const pieceLength = 64 * 1_024;

/** Lines that are handed on at once. */
const linesAtOnce = 1_000;

/** Writes lines to a compressed file, as `zcat` reads it. */
export async function packLines(path: string, lines: AsyncIterable<string> | Iterable<string>): Promise<Packed> {
  const hash = createHash('sha256');
  let count = 0;
  const pieces = async function* () {
    let piece = '';
    for await (const line of lines) {
      piece += `${line}\n`;
      count += 1;
      if (piece.length < pieceLength) continue;
      hash.update(piece);
      yield piece;
      piece = '';
    }
    hash.update(piece);
    yield piece;
  };
  await pipeline(Readable.from(pieces()), createGzip(), createWriteStream(path, { mode: 0o600 }));
  return { lines: count, bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/**
 * Reads them back, a batch at a time.
 *
 * @throws Error at the end, when they are not what was written
 */
export async function* unpackLines(
  pieces: AsyncIterable<Uint8Array>,
  { lines, sha256 }: Pick<Packed, 'lines' | 'sha256'>,
  name: string,
): AsyncGenerator<readonly string[]> {
  const hash = createHash('sha256');
  let count = 0;
  let batch: string[] = [];
  let rest = '';
  const packed = Readable.from(pieces);
  const text = createGunzip().setEncoding('utf8');
  packed.on('error', (error) => text.destroy(error)).pipe(text);
  try {
    for await (const piece of text as AsyncIterable<string>) {
      hash.update(piece);
      const found = (rest + piece).split('\n');
      rest = found.pop() ?? '';
      count += found.length;
      batch.push(...found);
      if (batch.length < linesAtOnce) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    throw isOfZlib(error) ? damaged(name, error) : error;
  } finally {
    packed.destroy();
  }
  if (batch.length > 0) yield batch;
  if (rest !== '' || count !== lines || hash.digest('hex') !== sha256) throw damaged(name);
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function damaged(name: string, cause?: unknown): Error {
  return new Error(`the archived file ${name} is not what was written: restore it from a copy`, { cause });
}
