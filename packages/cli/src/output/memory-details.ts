import type { GetResult } from '@anima/client';
import { dim } from './colours.ts';
import { renderMemories } from './memory-list.ts';
import { printable } from './printable.ts';

/** One memory with all that is known of it. */
export function renderDetails(memory: GetResult): string {
  const { visibility, mergedInto, expiresAt, versions, variants, embedding } = memory;
  const facts: readonly (readonly [string, string | null])[] = [
    ['visibility', mergedInto ? `merged into ${mergedInto}` : visibility],
    ['accesses', `${memory.accessCount}, last ${memory.lastAccessed}`],
    ['category', memory.category],
    ['tags', memory.tags.length > 0 ? memory.tags.join(', ') : null],
    ['expires', expiresAt],
    ['vector', embedding],
    ['version', versions.length > 1 ? `${memory.version} of ${versions.length}` : null],
    ['variants', variants.length > 0 ? variants.join(', ') : null],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === null ? [] : [`    ${dim(name.padEnd(10))} ${printable(value)}`],
  );
  return [renderMemories([memory]), ...lines].join('\n');
}
