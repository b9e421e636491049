import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const packages = new URL('../../', import.meta.url);
const documented = ['client', 'ai-sdk', 'mem0'];
const guides = ['associations.md', 'agents.md'].map((name) => new URL(`../docs/${name}`, packages));

/** Code as a sequence of words, whatever its indentation. */
const words = (code: string) => code.split(/\s+/).filter(Boolean).join(' ');

it('every example of the doc comments and of the guides is compiled', async () => {
  const texts = (files: readonly URL[]) => Promise.all(files.map((file) => readFile(file, 'utf8')));
  const compiled = await texts(documented.map((name) => new URL(`${name}/test/examples.ts`, packages)));
  const folders = documented.map((name) => new URL(`${name}/src/`, packages));
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder)).filter((name) => name.endsWith('.ts')).map((name) => new URL(name, folder)),
    ),
  );
  const examples = (await texts([...files.flat(), ...guides])).flatMap((text) =>
    [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? ''),
  );
  expect(examples.length).toBeGreaterThan(10);
  // A whole program is checked and run with the guides (docs/checks).
  for (const example of examples.filter((code) => !code.startsWith('import '))) {
    const code = example.replaceAll(/^ \* ?/gm, '').replace(/^const anima = .*$/m, '');
    expect(words(compiled.join('\n'))).toContain(words(code));
  }
});
