import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Memories of a space that were erased. */
export interface Erasure {
  readonly space: string;
  readonly ids: readonly string[];
}

/**
 * What was erased, in a file outside the database: a backup from before an erasure would bring back what is
 * gone, so that whoever opens it erases again what stands here. One JSON value a line; ids only.
 */
export class ErasureLedger {
  readonly #path: string | undefined;

  /** @param folder where the file is kept; undefined: nowhere, for a database that nobody restores */
  constructor(folder: string | undefined) {
    this.#path = folder === undefined ? undefined : join(folder, 'erasures.jsonl');
  }

  /** Returns once it is on the disk. */
  async record(space: string, ids: readonly string[]): Promise<void> {
    if (this.#path === undefined || ids.length === 0) return;
    await mkdir(join(this.#path, '..'), { recursive: true });
    const file = await open(this.#path, 'a', 0o600);
    try {
      await file.appendFile(`\n${JSON.stringify({ space, ids })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async read(): Promise<readonly Erasure[]> {
    if (this.#path === undefined) return [];
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // A process that died while it wrote leaves half a line, of an erasure that was not committed; the next begins anew.
    return text.split('\n').flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Erasure];
      } catch {
        return [];
      }
    });
  }
}
