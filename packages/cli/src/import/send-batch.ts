import { createHash } from 'node:crypto';
import { type AnimaClient, isAnimaClientError } from '@anima/client';
import type { Batch, NumberedMemory, Refusal } from './batches.ts';

export interface StoredLine {
  readonly line: number;
  readonly text: string;
  readonly memoryId: string;
  readonly isDuplicate: boolean;
  readonly embedding: 'ready' | 'pending';
}

/** Stores the memories of a batch in one request, without those that the server finds fault with. */
export async function sendBatch(
  client: AnimaClient,
  space: string,
  batch: Pick<Batch, 'memories' | 'refused'>,
): Promise<{ readonly stored: readonly StoredLine[]; readonly refused: readonly Refusal[] }> {
  const refused = [...batch.refused];
  let numbered = batch.memories;
  while (numbered.length > 0) {
    const memories = numbered.map(({ memory }) => memory);
    try {
      const results = await client.memories.addMany.mutate({ memories, space, idempotencyKey: requestKey(numbered) });
      const stored = results.map(({ memory, isDuplicate, embedding }, index): StoredLine => {
        const line = numbered[index]?.line ?? 0;
        return { line, text: memory.content, memoryId: memory.id, isDuplicate, embedding };
      });
      return { stored, refused: inOrder(refused) };
    } catch (error) {
      const faults = faultsOf(error, numbered);
      if (faults.size === 0) throw error;
      refused.push(...[...faults].map(([line, reason]) => ({ line, reason })));
      numbered = numbered.filter(({ line }) => !faults.has(line));
    }
  }
  return { stored: [], refused: inOrder(refused) };
}

/**
 * The key of a batch within its space: the same for the same lines at the same place of a file, so that a
 * batch sent again counts once, and lines that repeat elsewhere in the file count as often as they stand there.
 */
function requestKey(numbered: readonly NumberedMemory[]): string {
  return `import:${createHash('sha256').update(JSON.stringify(numbered)).digest('hex')}`;
}

/** Which lines broke which rules, where that is why a batch was refused. */
function faultsOf(error: unknown, numbered: readonly NumberedMemory[]): ReadonlyMap<number, string> {
  const faults = new Map<number, string>();
  if (!isAnimaClientError(error) || error.code !== 'VALIDATION_ERROR') return faults;
  for (const { field, message } of error.details) {
    const [, index, name] = /^memories\.(\d+)(?:\.(.+))?$/.exec(field) ?? [];
    const line = index === undefined ? undefined : numbered[Number(index)]?.line;
    if (line === undefined || faults.has(line)) continue;
    faults.set(line, name === undefined ? message : `${name}: ${message}`);
  }
  return faults;
}

function inOrder(refusals: readonly Refusal[]): Refusal[] {
  return refusals.toSorted((a, b) => a.line - b.line);
}
