import { readFile as readBytes, readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { type Fault, type ImportItem, type Kind, mayBeRead, readFile, readOneOfMany } from '@anima/importers';

/** What a path holds. */
export interface PathReading {
  /** How many files were read. */
  readonly files: number;
  readonly items: readonly ImportItem[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
}

/**
 * Reads a file, or every note, export and transcript under a folder, but for hidden ones.
 *
 * @param kind what the file is, or which files of a folder are wanted; else each is looked at
 */
export async function readPath(path: string, kind: Kind | undefined): Promise<PathReading> {
  const isFolder = (await stat(path)).isDirectory();
  const paths = isFolder ? await filesUnder(path) : [path];
  const items: ImportItem[] = [];
  const faults: Fault[] = [];
  const skipped: Record<string, number> = {};
  for (const each of paths) {
    const name = isFolder ? [basename(resolve(path)), ...relative(path, each).split(sep)].join('/') : basename(path);
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(each);
    } catch (error) {
      faults.push({ place: name, reason: error instanceof Error ? error.message : String(error) });
      continue;
    }
    const reading = isFolder ? readOneOfMany(name, bytes, kind) : readFile(name, bytes, kind);
    for (const item of reading.items) items.push(item);
    faults.push(...reading.faults);
    for (const [reason, count] of reading.skipped) skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return { files: paths.length, items, skipped, faults };
}

/** In the order of their paths, so that what is imported first is always the same. */
async function filesUnder(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesUnder(path)));
    else if (entry.isFile() && mayBeRead(entry.name)) files.push(path);
  }
  return files;
}
