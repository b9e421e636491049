import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExportStep, type Space, type SpaceFileLine, spaceFile } from '@anima/core';
import type { LogArchive } from '../archive/log-archive.ts';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import {
  isUnchanged,
  type Moment,
  readConversations,
  readExportedEvents,
  readExportedMemories,
  readHeader,
  readMoment,
  readReplacedVersions,
} from './export-rows.ts';

/** Of the spooled file that is given out in one step, bytes. */
const stepBytes = 256 * 1024;

/** Times that an export is begun anew on an engine of one connection, before it keeps the others waiting. */
const attempts = 3;

/**
 * A space as the lines of a file, as of one moment. It is written to a temporary file first, at the speed of the
 * database, and given out from there: a snapshot must not wait for whoever reads.
 */
export async function* exportSpace(engine: Engine, archive: LogArchive, space: Space): AsyncGenerator<ExportStep> {
  const spool = await Spool.open();
  try {
    await readWhole(engine, archive, space, spool);
    yield* spool.steps();
  } finally {
    await spool.close();
  }
}

async function readWhole({ kind, db }: Engine, archive: LogArchive, space: Space, spool: Spool): Promise<void> {
  if (kind === 'pglite') {
    // A transaction would have the engine's one connection to itself.
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const asOf = await pastMoment(db, space);
      const floor = await archive.floor(db, space.shard);
      await readInto(spool, db, archive, space, asOf);
      const isMoved = (await archive.floor(db, space.shard)) > floor;
      if (!isMoved && (await isUnchanged(db, space, asOf))) return;
    }
  }
  const work = async (trx: Database) => readInto(spool, trx, archive, space, await readMoment(trx, space));
  await inTransaction(db, work, { repeatableRead: true });
}

/** The head of the log, as soon as what follows it is known by a later time. */
async function pastMoment(db: Database, space: Space): Promise<Moment> {
  for (;;) {
    const found = await readMoment(db, space);
    if (found.isPast) return found;
    await sleep(1);
  }
}

async function readInto(spool: Spool, db: Database, archive: LogArchive, space: Space, asOf: Moment): Promise<void> {
  await spool.begin();
  const { position } = asOf;
  await spool.add([{ kind: 'header', ...spaceFile, space: space.id, position, ...(await readHeader(db, space)) }]);
  const counts = { conversations: 0, memories: 0, versions: 0, events: 0 };
  for (const [name, read] of tables) {
    for await (const rows of read(db, space, asOf, archive)) {
      await spool.add(rows);
      counts[name] += rows.length;
    }
  }
  await spool.finish(counts);
}

const tables = [
  ['conversations', readConversations],
  ['memories', readExportedMemories],
  ['versions', readReplacedVersions],
  ['events', readExportedEvents],
] as const;

type Counts = Extract<SpaceFileLine, { readonly kind: 'trailer' }>['counts'];

/** A file on its way out. It has no name any more once it is open, so that nobody else reads it and nothing stays. */
class Spool {
  readonly #file: FileHandle;
  #hash = createHash('sha256');
  #lines = 0;
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'anima-export-'));
    try {
      return new Spool(await open(join(folder, 'space.jsonl'), 'ax+', 0o600));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Forgets what was written. */
  async begin(): Promise<void> {
    this.#hash = createHash('sha256');
    this.#lines = 0;
    this.#bytes = 0;
    await this.#file.truncate(0);
  }

  async add(lines: readonly SpaceFileLine[]): Promise<void> {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    this.#hash.update(text);
    this.#lines += lines.length;
    await this.#file.appendFile(text);
    this.#bytes += text.length;
  }

  async finish(counts: Counts): Promise<void> {
    await this.add([{ kind: 'trailer', lines: this.#lines, counts, sha256: this.#hash.copy().digest('hex') }]);
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
