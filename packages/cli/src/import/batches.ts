import type { FileLines, Mark } from './file-lines.ts';
import { type NewMemory, readMemoryLine } from './memory-line.ts';

/** With one more line of at most 1 MiB still well below the 4 MiB that the server takes in one body. */
const maxBatchBytes = 1024 * 1024;

export interface NumberedMemory {
  readonly line: number;
  readonly memory: NewMemory;
}

/** A line that did not become a memory. */
export interface Refusal {
  readonly line: number;
  readonly reason: string;
}

/** Consecutive lines of a file. */
export interface Batch {
  readonly memories: readonly NumberedMemory[];
  readonly refused: readonly Refusal[];
  /** How often each unknown key stands in these lines. */
  readonly unknownKeys: ReadonlyMap<string, number>;
  /** The place after its last line. */
  readonly end: Mark;
}

/**
 * Cuts what is left of a file into batches: of `size` memories or about 1 MiB, and at `cutAt`, a line where
 * an earlier run had ended one.
 */
export async function* batches(
  lines: FileLines,
  { after, size, cutAt }: { readonly after: number; readonly size: number; readonly cutAt: number | undefined },
): AsyncGenerator<Batch> {
  let memories: NumberedMemory[] = [];
  let refused: Refusal[] = [];
  let unknownKeys = new Map<string, number>();
  let start = 0;
  let isEmpty = true;
  const finish = (): Batch => {
    const batch = { memories, refused, unknownKeys, end: lines.mark() };
    memories = [];
    refused = [];
    unknownKeys = new Map();
    start = lines.bytes;
    isEmpty = true;
    return batch;
  };
  for await (const { number, content } of lines) {
    if (number <= after) {
      start = lines.bytes;
      continue;
    }
    isEmpty = false;
    if ('unreadable' in content) {
      refused.push({ line: number, reason: content.unreadable });
    } else if (content.text.trim() !== '') {
      const read = readMemoryLine(content.text);
      if ('refused' in read) {
        refused.push({ line: number, reason: read.refused });
      } else {
        memories.push({ line: number, memory: read.memory });
        for (const key of read.unknownKeys) unknownKeys.set(key, (unknownKeys.get(key) ?? 0) + 1);
      }
    }
    if (number === cutAt || memories.length >= size || lines.bytes - start >= maxBatchBytes) yield finish();
  }
  if (!isEmpty) yield finish();
}
