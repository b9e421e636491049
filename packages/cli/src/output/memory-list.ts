import { styleText } from 'node:util';
import type { Memory, QueryHit } from '@anima/client';
import wrapAnsi from 'wrap-ansi';
import { age } from './age.ts';
import { printable } from './printable.ts';
import { shareBar } from './share-bar.ts';

/** Resonance φ runs from 0 to this. */
const phiMax = 5;

const columns = () => Math.min(process.stdout.columns ?? 100, 120);
const dim = (text: string) => styleText('dim', text);
const bold = (text: string) => styleText('bold', text);

/** Results of a query, best first; with `isExplained`, what each score is made of. */
export function renderHits(hits: readonly QueryHit[], { isExplained }: { readonly isExplained: boolean }): string {
  return hits
    .map((hit, index) => {
      const lead = `${bold(hit.score.toFixed(3))}  ${facts(hit)}`;
      return entry(index + 1, lead, hit, isExplained ? [breakdown(hit)] : []);
    })
    .join('\n');
}

/** Memories in the order given, numbered. */
export function renderMemories(memories: readonly Memory[]): string {
  return memories
    .map((memory, index) => renderMemory(index + 1, `φ ${memory.resonancePhi.toFixed(1)}`, memory))
    .join('\n');
}

/** One memory of a list, led by what the list is about. */
export function renderMemory(number: number, lead: string, memory: Memory): string {
  return entry(number, `${lead}  ${facts(memory)}`, memory, []);
}

function entry(number: number, lead: string, memory: Memory, more: readonly string[]): string {
  const indent = '    ';
  const text = wrapAnsi(printable(memory.content), columns() - indent.length, { hard: true, trim: true });
  return [`${String(number).padStart(2)}. ${lead}`, ...text.split('\n').map((line) => indent + line)]
    .concat(more.map((line) => indent + line))
    .join('\n');
}

function facts(memory: Memory): string {
  const parts = [
    memory.tier,
    age(memory.occurredAt ?? memory.createdAt),
    memory.isCatalyst ? 'catalyst' : '',
    printable(memory.source ?? ''),
    memory.id,
  ];
  return dim(parts.filter((part) => part !== '').join(' · '));
}

function breakdown({ similarity, lexical, phi, structuralWeight }: QueryHit): string {
  const term = (name: string, value: number, share: number) => `${name} ${shareBar(share)} ${value.toFixed(2)}`;
  return dim(
    [
      similarity === null ? 'similarity (no vector yet)' : term('similarity', similarity, similarity),
      term('lexical', lexical, lexical),
      term('φ', phi, phi / phiMax),
      term('structural weight', structuralWeight, structuralWeight),
    ].join('   '),
  );
}
