import { good } from './colours.ts';

/** What came of an import that had something to add. */
export function importedLine(
  { added, duplicates }: { readonly added: number; readonly duplicates: number },
  space: string,
  elapsedMs: number,
): string {
  return (
    `${good(`Imported ${added + duplicates} memories`)} into "${space}" in ${(elapsedMs / 1_000).toFixed(1)} s: ` +
    `${added} new, ${duplicates} known before (counted as accesses).`
  );
}

/** What still lacks its vectors, where anything does. */
export function pendingLines(pendingEmbeddings: number): string[] {
  if (pendingEmbeddings === 0) return [];
  return [`${pendingEmbeddings} memories are found by their words only, until a running server has embedded them.`];
}
