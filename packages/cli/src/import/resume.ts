import { FileLines } from './file-lines.ts';
import { isAt, type Ledger, type LedgerEntry } from './ledger.ts';
import { readMemoryLine } from './memory-line.ts';

/** Where an import begins, and the ledger entry that it goes on writing. */
export interface StartingPoint {
  readonly id: string;
  readonly entry: LedgerEntry;
}

/** Tells whether the database has this memory, recalled by its own text. */
export type HoldsMemory = (content: string, memoryId: string) => Promise<boolean>;

/**
 * The place behind what is imported already: the farthest that the ledger knows for a file with this
 * beginning, in a database that still has what was imported. (A space of the same name may be one of
 * another server, or the data folder may be a new one; memory ids are random, so one of them found
 * where it was left proves the database.)
 */
export async function startingPoint(
  ledger: Ledger,
  { path, file, space }: { readonly path: string; readonly file: string; readonly space: string },
  holdsMemory: HoldsMemory,
): Promise<StartingPoint> {
  const candidates = await ledger.entriesOf(space);
  const { digests, contents } = await readPlaces(
    path,
    candidates.map(({ entry }) => entry),
  );
  for (const { id, entry } of candidates) {
    const sending = entry.sending && isAt(digests, entry.sending) ? entry.sending : null;
    const isThisFile = entry.done.line > 0 ? isAt(digests, entry.done) : sending !== null;
    if (!isThisFile) continue;
    if (entry.done.line > 0 && !(await isWitnessed(entry, contents, holdsMemory))) continue;
    return { id, entry: { ...entry, file, sending } };
  }
  const done = { line: 0, digest: '' };
  return { id: ledger.newId(), entry: { space, file, done, sending: null, witnesses: [], refused: 0 } };
}

async function isWitnessed(
  entry: LedgerEntry,
  contents: ReadonlyMap<number, string>,
  holdsMemory: HoldsMemory,
): Promise<boolean> {
  for (const { line, memoryId } of entry.witnesses) {
    const content = contents.get(line);
    if (content !== undefined && (await holdsMemory(content, memoryId))) return true;
  }
  return false;
}

/** The file's digest at each place that the entries name, and what its witnesses say. */
async function readPlaces(path: string, entries: readonly LedgerEntry[]) {
  const marks = new Set(entries.flatMap(({ done, sending }) => [done.line, sending?.line ?? 0]));
  const witnesses = new Set(entries.flatMap((entry) => entry.witnesses.map(({ line }) => line)));
  const last = Math.max(0, ...marks);
  const digests = new Map<number, string>();
  const contents = new Map<number, string>();
  if (last === 0) return { digests, contents };
  const lines = new FileLines(path);
  for await (const { number, content } of lines) {
    if (marks.has(number)) digests.set(number, lines.mark().digest);
    if (witnesses.has(number) && 'text' in content) {
      const read = readMemoryLine(content.text);
      if ('memory' in read) contents.set(number, read.memory.content);
    }
    if (number >= last) break;
  }
  return { digests, contents };
}
