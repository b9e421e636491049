import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes a file that only its owner may read. One that is not whole never has its name. */
export async function writeWhole(path: string, ...from: readonly [Readable, ...Transform[]]): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline([...from, createWriteStream(part, { mode: 0o600 })]);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
