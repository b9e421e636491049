import type { Memory, QueryHit } from '@anima/client';
import wrapAnsi from 'wrap-ansi';
import { age } from './age.ts';
import { bold, dim } from './colours.ts';
import { printable } from './printable.ts';
import { shareBar } from './share-bar.ts';

/** Resonance φ runs from 0 to this. */
const phiMax = 5;

/** What explains a result. */
type Explained = Pick<QueryHit, 'similarity' | 'lexical' | 'phi' | 'structuralWeight' | 'score' | 'terms'>;

const termNames = [
  ['meaning', 'similarity'],
  ['words', 'lexical'],
  ['conversation', 'conversation'],
  ['neighbour turn', 'neighbourTurn'],
  ['resonance', 'resonance'],
] as const satisfies readonly (readonly [string, keyof QueryHit['terms']])[];

const columns = () => Math.min(process.stdout.columns ?? 100, 120);

/** Results of a query, best first; with `isExplained`, what each score is made of. */
export function renderHits(hits: readonly QueryHit[], { isExplained }: { readonly isExplained: boolean }): string {
  return hits
    .map((hit, index) => {
      const lead = `${bold(hit.score.toFixed(3))}  ${facts(hit)}`;
      return entry(index + 1, lead, hit, isExplained ? breakdown(hit).split('\n') : []);
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

/** What a score is made of: its parts, and what each term gave it, as a share of the score. */
export function breakdown({ similarity, lexical, phi, structuralWeight, score, terms }: Explained): string {
  const part = (name: string, value: number, share: number) => `${name} ${shareBar(share)} ${value.toFixed(2)}`;
  const parts = [
    similarity === null ? 'similarity (no vector yet)' : part('similarity', similarity, similarity),
    part('lexical', lexical, lexical),
    part('φ', phi, phi / phiMax),
    part('structural weight', structuralWeight, structuralWeight),
  ];
  const given = termNames.flatMap(([name, term]) =>
    terms[term] === 0 ? [] : [`${name} ${shareBar(score === 0 ? 0 : terms[term] / score)} ${terms[term].toFixed(3)}`],
  );
  const sum = `score ${score.toFixed(3)} = ${given.length === 0 ? 'nothing' : given.join(' + ')}`;
  return `${dim(parts.join('   '))}\n${dim(sum)}`;
}
