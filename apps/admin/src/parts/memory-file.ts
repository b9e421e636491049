import type { AddManyRequest } from '@anima/client';

export type NewMemory = AddManyRequest['memories'][number];

const longestContent = 50_000;

/**
 * The memories of a file: lines or an array of objects with a `content`, or plain text, of which each paragraph is one.
 *
 * @throws Error naming the line that is none
 */
export function readMemories(name: string, text: string): readonly NewMemory[] {
  const memories = /\.(jsonl|ndjson|json)$/i.test(name) ? readObjects(text) : readParagraphs(text);
  if (memories.length === 0) throw new Error(`${name} has no memories`);
  return memories;
}

function readParagraphs(text: string): NewMemory[] {
  return text
    .split(/\r?\n\s*\r?\n/)
    .map((paragraph) => ({ content: paragraph.trim().slice(0, longestContent) }))
    .filter(({ content }) => content !== '');
}

function readObjects(text: string): NewMemory[] {
  if (text.trimStart().startsWith('[')) {
    return (JSON.parse(text) as unknown[]).map((value, index) => toMemory(value, `item ${index + 1}`));
  }
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `line ${index + 1}`;
    try {
      return [toMemory(JSON.parse(line), place)];
    } catch (error) {
      throw error instanceof SyntaxError ? new Error(`${place} is not JSON`) : error;
    }
  });
}

/** The rest the server checks. */
function toMemory(value: unknown, place: string): NewMemory {
  if (typeof value !== 'object' || value === null || !('content' in value) || typeof value.content !== 'string') {
    throw new Error(`${place} has no content`);
  }
  return value as NewMemory;
}
