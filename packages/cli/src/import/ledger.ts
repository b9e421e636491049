import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../failure.ts';
import type { Mark } from './file-lines.ts';
import { makeStateFolder, stateFolder } from './state-folder.ts';

const mark = z.object({ line: z.int(), digest: z.string() });

const entrySchema = z.object({
  space: z.string(),
  /** For whoever reads the ledger; what a file is goes by its digest. */
  file: z.string(),
  /** Everything up to here is imported. */
  done: mark,
  /** A batch that was sent up to here and not yet answered. */
  sending: mark.nullable(),
  /** Lines of the last batch and the memories that they became: proof that a database is the one. */
  witnesses: z.array(z.object({ line: z.int(), memoryId: z.string() })),
  /** Lines up to `done` that were refused. */
  refused: z.int(),
});

/** How far one file is imported into one space of one database. */
export type LedgerEntry = z.infer<typeof entrySchema>;

/**
 * What makes an import idempotent for good.
 *
 * A batch's request key makes it count once, but the server remembers a key for a day only, and
 * a last, partial batch has another key once its file has grown. So the importer writes down, before
 * and after each batch, how far it has come: a place is a line number and the digest of all lines up
 * to it. A file is then known by its beginning, whatever its name, and an import goes on behind the
 * longest beginning that is imported already: after a kill, when the file has grown, or not at all.
 * The request key covers what the ledger cannot know: whether the batch that was being sent when the
 * importer died has been stored.
 *
 * Each entry is a file of its own, replaced atomically, so that concurrent imports do not disturb one
 * another. It holds no text of a memory.
 */
export class Ledger {
  readonly #directory: string;

  /** @param stateHome where a user's programs keep state, as the XDG base directories have it */
  constructor(stateHome: string | undefined) {
    this.#directory = stateFolder(stateHome, 'imports');
  }

  /** Entries of a space, those that reach farthest first. */
  async entriesOf(space: string): Promise<{ readonly id: string; readonly entry: LedgerEntry }[]> {
    await makeStateFolder(this.#directory);
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith('.json'));
    const entries = await Promise.all(names.map(async (name) => ({ id: name, entry: await this.#read(name) })));
    return entries
      .filter(({ entry }) => entry.space === space)
      .toSorted((a, b) => b.entry.done.line - a.entry.done.line);
  }

  newId(): string {
    return `${randomUUID()}.json`;
  }

  async write(id: string, entry: LedgerEntry): Promise<void> {
    const path = join(this.#directory, id);
    await writeFile(`${path}.new`, JSON.stringify(entry));
    await rename(`${path}.new`, path);
  }

  async #read(name: string): Promise<LedgerEntry> {
    const path = join(this.#directory, name);
    try {
      return entrySchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (cause) {
      throw new CliError('INTERNAL', `the import ledger ${path} cannot be read: ${messageOf(cause)}`, {
        hint: 'Without this file, the lines that it stands for would be imported again.',
      });
    }
  }
}

/** The lines of a batch that can best be found again: those that say the most. */
export function witnessesOf(
  lines: readonly { readonly line: number; readonly text: string; readonly memoryId: string }[],
): LedgerEntry['witnesses'] {
  return lines
    .toSorted((a, b) => b.text.length - a.text.length)
    .slice(0, 3)
    .map(({ line, memoryId }) => ({ line, memoryId }));
}

/** Whether a mark is a place in a file whose digests are known. */
export function isAt(digests: ReadonlyMap<number, string>, { line, digest }: Mark): boolean {
  return digests.get(line) === digest;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
