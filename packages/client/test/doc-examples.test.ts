import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const here = new URL('.', import.meta.url);
const source = new URL('../src/', import.meta.url);
const guides = ['associations.md'].map((name) => new URL(`../../../docs/${name}`, import.meta.url));

/** Code as a sequence of words, whatever its indentation. */
const words = (code: string) => code.split(/\s+/).filter(Boolean).join(' ');

it('every example of the doc comments and of the guides is compiled', async () => {
  const compiled = words(await readFile(new URL('examples.ts', here), 'utf8'));
  const files = (await readdir(source)).filter((name) => name.endsWith('.ts'));
  const documents = [...files.map((name) => new URL(name, source)), ...guides];
  const sources = await Promise.all(documents.map((document) => readFile(document, 'utf8')));
  const examples = sources.flatMap((text) => [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? ''));
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) {
    const code = example.replaceAll(/^ \* ?/gm, '').replace(/^const anima = .*$/m, '');
    expect(compiled).toContain(words(code));
  }
});
