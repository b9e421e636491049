import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { referencePages } from './reference.ts';

const folder = new URL('../reference/', import.meta.url);

test('the reference is what the code has: npm run reference makes it anew', async () => {
  const pages = await referencePages();
  expect((await readdir(folder)).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [name, text] of pages) expect(await readFile(new URL(name, folder), 'utf8'), name).toBe(text);
});
