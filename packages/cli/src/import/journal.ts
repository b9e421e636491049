import { createHash, randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../failure.ts';
import { makeStateFolder, stateFolder } from './state-folder.ts';

const line = z.union([
  z.object({ space: z.string() }),
  z.object({ sending: z.array(z.string()) }),
  z.object({ done: z.array(z.string()), witness: z.string().nullable() }),
]);
type Line = z.infer<typeof line>;

/** How many of the newest memories may prove a database: those before may have been erased. */
const witnessesAsked = 5;

/** What an imported text is known by. */
export function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}

/**
 * Which texts were imported into one space of one database, so that notes and exports can be imported again and again:
 * they change in the middle, and what is there already counts as no access.
 *
 * A text that was updated, merged, forgotten or erased since stays imported: who changed it meant it. Each batch is
 * two lines, one before it is sent and one after, so that a batch whose answer never came is sent again as it was,
 * with the same key. The file holds digests and ids, no text.
 */
export class Journal {
  readonly #path: string;
  readonly #space: string;
  readonly #known: Set<string>;
  /** The batch that was sent and not yet answered. */
  readonly unanswered: readonly string[];
  #isNew: boolean;

  private constructor(path: string, space: string, lines: readonly Line[]) {
    this.#path = path;
    this.#space = space;
    this.#isNew = lines.length === 0;
    this.#known = new Set(lines.flatMap((each) => ('done' in each ? each.done : [])));
    const last = lines.at(-1);
    this.unanswered = last && 'sending' in last ? last.sending : [];
  }

  /**
   * The journal of a space, or a new one where the database is another than the one that it was written for: ids are
   * random, so one that is found proves the database.
   *
   * @param holds whether the space has such a memory, in whatever state
   */
  static async open(
    stateHome: string | undefined,
    space: string,
    holds: (memoryId: string) => Promise<boolean>,
  ): Promise<Journal> {
    const folder = stateFolder(stateHome, 'imported');
    const prefix = createHash('sha256').update(space).digest('hex').slice(0, 16);
    await makeStateFolder(folder);
    for (const name of (await readdir(folder)).filter((each) => each.startsWith(prefix)).toSorted()) {
      const path = join(folder, name);
      const lines = await readLines(path);
      const witnesses = lines.flatMap((each) => ('witness' in each && each.witness !== null ? [each.witness] : []));
      const asked = witnesses.slice(-witnessesAsked).toReversed();
      // Nothing is known by it yet: it serves any database.
      if (asked.length === 0) return new Journal(path, space, lines);
      for (const witness of asked) if (await holds(witness)) return new Journal(path, space, lines);
    }
    return new Journal(join(folder, `${prefix}-${randomUUID()}.jsonl`), space, []);
  }

  has(digest: string): boolean {
    return this.#known.has(digest);
  }

  async begin(digests: readonly string[]): Promise<void> {
    if (this.#isNew) await this.#append({ space: this.#space });
    this.#isNew = false;
    await this.#append({ sending: [...digests] });
  }

  /** @param witness one of the memories that they became */
  async finish(digests: readonly string[], witness: string | undefined): Promise<void> {
    for (const digest of digests) this.#known.add(digest);
    await this.#append({ done: [...digests], witness: witness ?? null });
  }

  async #append(entry: Line): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }
}

/** A line that was torn when its writer died is taken away. */
async function readLines(path: string): Promise<readonly Line[]> {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) await truncate(path, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  try {
    return lines.map((each) => line.parse(JSON.parse(each)));
  } catch (cause) {
    throw new CliError(
      'INTERNAL',
      `the import journal ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'Without this file, what it stands for would be imported again.' },
    );
  }
}
