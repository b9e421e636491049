import { readFileSync } from 'node:fs';

export interface Passage {
  readonly content: string;
  readonly conversationId: string;
}

/** Passages of "Alice's Adventures in Wonderland" by Lewis Carroll, 1865, in the public domain. */
export function passages(): readonly Passage[] {
  const text = readFileSync(new URL('alice.txt', import.meta.url), 'utf8');
  const [, ...chapters] = text.split(/^# /m);
  return chapters.flatMap((chapter) => {
    const [conversationId = '', ...paragraphs] = chapter.split(/\n\n+/);
    return paragraphs
      .map((paragraph) => ({ content: paragraph.trim(), conversationId }))
      .filter(({ content }) => content !== '');
  });
}
