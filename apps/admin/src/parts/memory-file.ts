import type { AddManyRequest } from '@anima/client';
import { readFile } from '@anima/importers';

export type NewMemory = AddManyRequest['memories'][number];

/**
 * The memories of a file: lines or an array of objects with a `content`, or whatever the importers know, such as
 * notes and exports of chats.
 *
 * @throws Error naming the place that cannot be read
 */
export function readMemories(name: string, bytes: Uint8Array): readonly NewMemory[] {
  const { items, faults } = readFile(name, bytes);
  const [fault] = faults;
  if (fault && items.length === 0) throw new Error(`${fault.place}: ${fault.reason}`);
  const isOwn = items.length === 0 && /\.(jsonl|ndjson|json)$/i.test(name);
  const memories = isOwn
    ? readObjects(new TextDecoder().decode(bytes))
    : // Said once more, a text would count as an access.
      [...new Map(items.map(({ memory }) => [memory.content, memory])).values()].map((memory) => ({
        ...memory,
        tags: [...memory.tags],
      }));
  if (memories.length === 0) throw new Error(`${name} has no memories`);
  return memories;
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
