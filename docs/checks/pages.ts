import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A page that somebody reads. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Snippet {
  readonly page: string;
  /** From 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

export function pages(): readonly Page[] {
  const guides = ['docs/', 'docs/reference/', 'docs/adr/'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}${name}`),
  );
  return ['README.md', 'CONTRIBUTING.md', 'llms.txt', ...guides].map((path) => ({
    path,
    text: readFileSync(new URL(path, root), 'utf8'),
  }));
}

export function snippets(): readonly Snippet[] {
  return pages().flatMap(({ path, text }) =>
    [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: code = '' }) => ({
      ...{ page: path, language, code },
      line: text.slice(0, index).split('\n').length,
    })),
  );
}
