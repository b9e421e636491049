import { type AnimaClient, isAnimaClientError } from '@anima/client';
import type { Fault, ImportItem } from '@anima/importers';
import { digestOf, Journal } from './journal.ts';
import { sendBatch } from './send-batch.ts';

/** With one more memory still well below the 4 MiB that the server takes in one body. */
const charactersAtOnce = 512 * 1024;

/** Items that say something new, and how many do not. */
export interface Sorted {
  readonly items: readonly ImportItem[];
  readonly repeated: number;
}

/** Each text once: said again it would count as an access. */
export function eachOnce(items: readonly ImportItem[]): Sorted {
  const seen = new Map<string, ImportItem>();
  for (const item of items) {
    const digest = digestOf(item.memory.content);
    if (!seen.has(digest)) seen.set(digest, item);
  }
  return { items: [...seen.values()], repeated: items.length - seen.size };
}

export interface ItemsOptions {
  readonly space: string;
  readonly stateHome: string | undefined;
  /** Memories a request. */
  readonly batchSize: number;
  /** Ends the import after the batch that is being sent. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface ItemsReport {
  /** Imported by earlier runs. */
  readonly importedBefore: number;
  readonly added: number;
  /** Memories whose content the space had from elsewhere: each counted as an access. */
  readonly duplicates: number;
  readonly refused: readonly Fault[];
  readonly pendingEmbeddings: number;
  /** False when the import was ended early. */
  readonly isComplete: boolean;
}

/**
 * Imports what is not imported yet, batch by batch, each text counted once whatever happens (see `Journal`).
 *
 * @throws AnimaClientError when the server does not take a batch; what was stored until then is known to the next run
 */
export async function importItems(
  client: AnimaClient,
  items: readonly ImportItem[],
  { space, stateHome, batchSize, signal, onProgress }: ItemsOptions,
): Promise<ItemsReport> {
  const journal = await Journal.open(stateHome, space, (memoryId) => isHeld(client, space, memoryId));
  const left = items.filter(({ memory }) => !journal.has(digestOf(memory.content)));
  const refused: Fault[] = [];
  let [added, duplicates, pendingEmbeddings, sent] = [0, 0, 0, 0];
  let isComplete = true;
  for (const batch of batchesOf(left, journal.unanswered, batchSize)) {
    if (signal.aborted) {
      isComplete = false;
      break;
    }
    const digests = batch.map(({ memory }) => digestOf(memory.content));
    await journal.begin(digests);
    const memories = batch.map(({ memory }, index) => ({
      line: index + 1,
      memory: { ...memory, tags: [...memory.tags] },
    }));
    const result = await sendBatch(client, space, { memories, refused: [] });
    const faults = new Map(result.refused.map(({ line, reason }) => [line - 1, reason]));
    await journal.finish(
      digests.filter((_, index) => !faults.has(index)),
      result.stored[0]?.memoryId,
    );
    for (const [index, reason] of faults) refused.push({ place: batch[index]?.place ?? '', reason });
    for (const { isDuplicate, embedding } of result.stored) {
      if (isDuplicate) duplicates += 1;
      else added += 1;
      if (embedding === 'pending') pendingEmbeddings += 1;
    }
    sent += batch.length;
    onProgress(sent, left.length);
  }
  const importedBefore = items.length - left.length;
  return { importedBefore, added, duplicates, refused, pendingEmbeddings, isComplete };
}

/** What was sent and not answered goes first, and as it was: then the server knows it by its key. */
function* batchesOf(
  items: readonly ImportItem[],
  unanswered: readonly string[],
  size: number,
): Generator<readonly ImportItem[]> {
  const again = new Set(unanswered);
  const isAgain = ({ memory }: ImportItem) => again.has(digestOf(memory.content));
  const first = items.filter(isAgain);
  if (first.length > 0) yield first;
  let batch: ImportItem[] = [];
  let characters = 0;
  for (const item of items) {
    if (isAgain(item)) continue;
    batch.push(item);
    characters += item.memory.content.length;
    if (batch.length < size && characters < charactersAtOnce) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function isHeld(client: AnimaClient, space: string, memoryId: string): Promise<boolean> {
  try {
    await client.memories.get.query({ space, memoryId });
    return true;
  } catch (error) {
    if (isAnimaClientError(error) && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}
