/** What a restored database holds. */
export interface Restored {
  readonly tables: number;
  readonly rows: number;
}

/** A whole database as a file, and back. */
export interface BackupStore {
  /**
   * Everything as of one moment, while it is in use: the pieces of a text of lines, the last of which tells whether it
   * is whole. Nothing happens until it is read.
   */
  backup(): AsyncGenerator<string>;
  /**
   * Makes a database that holds no space what the lines say, all of it or nothing. What else has it open must be
   * stopped before, and this process afterwards: it knows the models of before.
   *
   * @throws AnimaError `CONFLICT` when there are spaces or another process, `VALIDATION_ERROR` for lines that are not
   * a whole backup of this version
   */
  restoreBackup(lines: AsyncIterable<string>): Promise<Restored>;
}
