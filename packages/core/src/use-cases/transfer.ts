import type { ApplyImportInput, ExportInput, StageImportInput } from '../inputs/transfer.ts';
import type { ExportStep, ImportPlace, ImportStep, TransferStore } from '../ports/transfer.ts';
import type { MemoryStore } from '../ports.ts';
import { readSpaceFileLine } from '../space-file.ts';

/** A whole space as the lines of a file, as of one moment. */
export async function* exportSpace(
  store: MemoryStore & TransferStore,
  { space }: ExportInput,
): AsyncGenerator<ExportStep> {
  yield* store.exportSpace(await store.openSpace(space));
}

/** Takes the next lines of a file that is to become a space, and says how far it has come. */
export async function stageImport(
  store: TransferStore,
  { space, digest, after, lines }: StageImportInput,
): Promise<ImportPlace> {
  const read = lines.map((text, index) => ({ text, line: readSpaceFileLine(text, after + index + 1) }));
  return store.stageImport(space, { digest, after, lines: read });
}

/** Checks a file that was sent and makes it the space. */
export function applyImport(store: TransferStore, { space, digest }: ApplyImportInput): AsyncIterable<ImportStep> {
  return store.applyImport(space, digest);
}
