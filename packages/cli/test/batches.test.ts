import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Batch, batches } from '../src/import/batches.ts';
import { FileLines } from '../src/import/file-lines.ts';
import { temporaryFolder } from './running-command.ts';

const serverBodyLimit = 4 * 1024 * 1024;

async function cut(lines: readonly object[], options: Parameters<typeof batches>[1]): Promise<Batch[]> {
  const path = join(temporaryFolder(), 'memories.jsonl');
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  const found: Batch[] = [];
  for await (const batch of batches(new FileLines(path), options)) found.push(batch);
  return found;
}

const short = Array.from({ length: 10 }, (_, index) => ({ content: `memory ${index + 1}` }));

test('a batch stays below the body limit of the server, however long its memories are', async () => {
  const long = Array.from({ length: 200 }, (_, index) => ({ content: `${index} ${'€'.repeat(49_000)}` }));
  const found = await cut(long, { after: 0, size: 100, cutAt: undefined });
  expect(found.flatMap(({ memories }) => memories)).toHaveLength(200);
  for (const { memories } of found) {
    expect(Buffer.byteLength(JSON.stringify(memories))).toBeLessThan(serverBodyLimit);
  }
});

test('a batch that an earlier run had sent is cut at the same line', async () => {
  const found = await cut(short, { after: 2, size: 4, cutAt: 5 });
  expect(found.map(({ memories }) => memories.map(({ line }) => line))).toEqual([[3, 4, 5], [6, 7, 8, 9], [10]]);
});

test('the place after a line depends on the lines up to it alone, not on how the file goes on', async () => {
  const [whole] = await cut(short, { after: 0, size: 3, cutAt: undefined });
  const [beginning] = await cut(short.slice(0, 3), { after: 0, size: 100, cutAt: undefined });
  const [other] = await cut([{ content: 'another' }, ...short.slice(1)], { after: 0, size: 3, cutAt: undefined });
  expect(whole!.end).toEqual(beginning!.end);
  expect(other!.end.digest).not.toBe(whole!.end.digest);
});
