import { stat } from 'node:fs/promises';
import type { AnimaClient } from '@anima/client';
import { CliError } from '../failure.ts';
import { batches, type Refusal } from './batches.ts';
import { FileLines } from './file-lines.ts';
import { type Ledger, type LedgerEntry, witnessesOf } from './ledger.ts';
import { startingPoint } from './resume.ts';
import { sendBatch } from './send-batch.ts';

/** How many refused lines a report lists. */
const listedRefusals = 100;
/** A memory is recalled by the first characters of its text: enough to stand out, well within a query's limit. */
const witnessCharacters = 1_000;

export interface ImportOptions {
  readonly path: string;
  /** What the person calls it. */
  readonly file: string;
  /** Its size, as `sizeOfFile` found it. */
  readonly totalBytes: number;
  readonly space: string;
  /** Memories a request. */
  readonly batchSize: number;
  /** Ends the import after the batch that is being sent. */
  readonly signal: AbortSignal;
  /** Called after each batch. `bytes` of the file are done, `memories` of this run are stored. */
  readonly onProgress: (progress: { readonly bytes: number; readonly memories: number }) => void;
}

export interface ImportReport {
  readonly file: string;
  readonly space: string;
  /** Lines of the file that earlier runs have dealt with. */
  readonly resumedAfterLine: number;
  /** Lines that are dealt with now. */
  readonly lines: number;
  readonly added: number;
  /** Memories whose content the space had: each counted as an access. */
  readonly duplicates: number;
  /** Lines that did not become memories, those of earlier runs too. */
  readonly refused: number;
  /** The first of this run's. */
  readonly refusals: readonly Refusal[];
  readonly unknownKeys: Readonly<Record<string, number>>;
  /** Stored memories that will be embedded in the background. */
  readonly pendingEmbeddings: number;
  /** False when the import was ended early. */
  readonly isComplete: boolean;
}

/**
 * Imports what of a file is not imported yet, batch by batch, each counted once whatever happens
 * (see `Ledger`). Lines that break a rule are refused, and the rest goes on.
 *
 * @throws AnimaClientError when the server does not take a batch; what was stored until then is known
 * to the next run
 */
export async function importFile(client: AnimaClient, ledger: Ledger, options: ImportOptions): Promise<ImportReport> {
  const { path, file, space, batchSize, signal, onProgress } = options;
  const holdsMemory = (content: string, id: string) => isRecalled(client, space, content, id);
  const { id, entry: known } = await startingPoint(ledger, options, holdsMemory);
  const lines = new FileLines(path);
  const unknownKeys = new Map<string, number>();
  const refusals: Refusal[] = [];
  let entry: LedgerEntry = known;
  let added = 0;
  let duplicates = 0;
  let pendingEmbeddings = 0;
  let isComplete = true;
  const cut = { after: known.done.line, size: batchSize, cutAt: known.sending?.line };
  for await (const batch of batches(lines, cut)) {
    if (signal.aborted) {
      isComplete = false;
      break;
    }
    entry = { ...entry, sending: batch.end };
    await ledger.write(id, entry);
    const { stored, refused } = await sendBatch(client, space, batch);
    entry = {
      ...entry,
      done: batch.end,
      sending: null,
      witnesses: stored.length > 0 ? witnessesOf(stored) : entry.witnesses,
      refused: entry.refused + refused.length,
    };
    await ledger.write(id, entry);
    for (const [key, count] of batch.unknownKeys) unknownKeys.set(key, (unknownKeys.get(key) ?? 0) + count);
    refusals.push(...refused.slice(0, listedRefusals - refusals.length));
    duplicates += stored.filter(({ isDuplicate }) => isDuplicate).length;
    added += stored.filter(({ isDuplicate }) => !isDuplicate).length;
    pendingEmbeddings += stored.filter(({ embedding }) => embedding === 'pending').length;
    onProgress({ bytes: lines.bytes, memories: added + duplicates });
  }
  return {
    file,
    space,
    resumedAfterLine: known.done.line,
    lines: entry.done.line,
    added,
    duplicates,
    refused: entry.refused,
    refusals,
    unknownKeys: Object.fromEntries(unknownKeys),
    pendingEmbeddings,
    isComplete,
  };
}

/** @throws CliError for what cannot be read as a file */
export async function sizeOfFile(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new CliError(
      'NOT_FOUND',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new CliError('VALIDATION_ERROR', `${path} is not a file`, {
    hint: 'An import reads its file twice, to know what of it is imported already, so it cannot be a pipe.',
  });
}

async function isRecalled(client: AnimaClient, space: string, content: string, id: string): Promise<boolean> {
  const query = content.slice(0, witnessCharacters).toWellFormed();
  const { memories } = await client.memories.query.mutate({ query, space, limit: 100, record: false });
  return memories.some((memory) => memory.id === id);
}
