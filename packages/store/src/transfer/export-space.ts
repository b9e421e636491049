import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExportStep, type Space, type SpaceFileLine, spaceFile } from '@anima/core';
import { type Engine, inTransaction } from '../engine/engine.ts';
import {
  readConversations,
  readExportedEvents,
  readExportedMemories,
  readHeader,
  readReplacedVersions,
} from './export-rows.ts';

/** Of the spooled file that is given out in one step, bytes. */
const stepBytes = 256 * 1024;

/**
 * A space as the lines of a file, as of one moment. It is written to a temporary file first, at the speed of the
 * database, and given out from there: a snapshot must not wait for whoever reads.
 */
export async function* exportSpace({ db }: Engine, space: Space): AsyncGenerator<ExportStep> {
  const spool = await Spool.open();
  try {
    await inTransaction(
      db,
      async (trx) => {
        await spool.add([
          { kind: 'header', ...spaceFile, space: space.id, ...(await readHeader(trx, space)) } satisfies SpaceFileLine,
        ]);
        for (const read of [readConversations, readExportedMemories, readReplacedVersions, readExportedEvents]) {
          for await (const rows of read(trx, space)) await spool.add(rows);
        }
      },
      { repeatableRead: true },
    );
    await spool.finish();
    yield* spool.steps();
  } finally {
    await spool.close();
  }
}

/** A file on its way out. It has no name any more once it is open, so that nobody else reads it and nothing stays. */
class Spool {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #lines = 0;
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'anima-export-'));
    try {
      return new Spool(await open(join(folder, 'space.jsonl'), 'wx+', 0o600));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async add(lines: readonly SpaceFileLine[]): Promise<void> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    this.#hash.update(text);
    this.#lines += lines.length;
    this.#bytes += Buffer.byteLength(text);
    await this.#file.appendFile(text);
  }

  async finish(): Promise<void> {
    await this.add([{ kind: 'trailer', lines: this.#lines, sha256: this.#hash.copy().digest('hex') }]);
  }

  /** The file in pieces that end at the end of a line. */
  async *steps(): AsyncGenerator<ExportStep> {
    let rest = Buffer.alloc(0);
    let bytes = 0;
    const pieces = this.#file.createReadStream({ start: 0, autoClose: false, highWaterMark: stepBytes });
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      const read = Buffer.concat([rest, piece]);
      const end = read.lastIndexOf(0x0a) + 1;
      rest = read.subarray(end);
      if (end === 0) continue;
      bytes += end;
      yield { lines: read.toString('utf8', 0, end - 1).split('\n'), bytes, totalBytes: this.#bytes };
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
