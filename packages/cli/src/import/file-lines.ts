import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** No memory that the server takes needs a line this long; a longer one is not kept while it is read. */
const maxLineBytes = 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly content: { readonly text: string } | { readonly unreadable: string };
}

/** A place in a file: after this line, whose digest covers everything up to here. */
export interface Mark {
  readonly line: number;
  /** SHA-256, hex, of all lines so far, each ended by one line feed. */
  readonly digest: string;
}

/** A text file as its lines, read as they are asked for; never more than one of them in memory. */
export class FileLines implements AsyncIterable<FileLine> {
  readonly #path: string;
  readonly #hash = createHash('sha256');
  #line = 0;
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** How much of the file was given out, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The place after the line that was given out last. */
  mark(): Mark {
    return { line: this.#line, digest: this.#hash.copy().digest('hex') };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileLine> {
    let pieces: Buffer[] = [];
    let length = 0;
    const take = (piece: Buffer) => {
      this.#hash.update(piece);
      length += piece.length;
      if (length <= maxLineBytes) pieces.push(piece);
    };
    const finish = (): FileLine => {
      this.#hash.update('\n');
      this.#line += 1;
      this.#bytes += length + 1;
      const content = length > maxLineBytes ? { unreadable: 'the line is longer than 1 MiB' } : decode(pieces);
      pieces = [];
      length = 0;
      return { number: this.#line, content };
    };
    for await (const chunk of createReadStream(this.#path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
        take(chunk.subarray(start, end));
        yield finish();
        start = end + 1;
      }
      take(chunk.subarray(start));
    }
    if (length > 0) yield finish();
  }
}

function decode(pieces: readonly Buffer[]): FileLine['content'] {
  try {
    return { text: decoder.decode(Buffer.concat(pieces)) };
  } catch (error) {
    if (error instanceof TypeError) return { unreadable: 'the line is not UTF-8' };
    throw error;
  }
}
