import { type Word, wordsOf } from './wording.ts';

/** Cosine, 0–1, from which two live memories of a space may be the same, for a model that was not measured. */
const usualThreshold = 0.95;

/** For those that were, by provider: `npm run bench -- duplicates`, its table in `docs/consolidation.md`. */
const measuredThresholds: ReadonlyMap<string, number> = new Map([['builtin', 0.85]]);

/** The cosine from which vectors of a provider propose a merge, where the space does not decide. */
export function duplicateThreshold(provider: string): number {
  return measuredThresholds.get(provider) ?? usualThreshold;
}

/** What two memories that are near each other may state differently, the most telling first. */
export const differences = ['numbers', 'negation', 'dates', 'opposites', 'names', 'words', 'order'] as const;
export type Difference = (typeof differences)[number];

/**
 * What two texts state differently, or undefined when they say the same.
 *
 * A vector cannot tell "likes" from "dislikes" or 30 from 300: such pairs are nearer each other than most
 * paraphrases. So the texts must agree word for word, up to case, punctuation, articles, contractions and a
 * few spellings and synonyms. Any other word is refused, whatever its language: the lists below only name
 * the reason, those of `wording.ts` only forgive.
 */
export function statedDifference(a: string, b: string): Difference | undefined {
  const [sentencesA, sentencesB] = [wordsOf(a), wordsOf(b)];
  const [wordsA, wordsB] = [sentencesA.flat(), sentencesB.flat()];
  if (isSame(wordsA, wordsB)) return undefined;
  const [onlyA, onlyB] = [without(wordsA, wordsB), without(wordsB, wordsA)];
  if (onlyA.length + onlyB.length > 0) return reasonOf(onlyA, onlyB);
  const isReordered =
    sentencesA.length === sentencesB.length &&
    sentencesA.every((sentence, index) => saysTheSame(sentence, sentencesB[index] ?? []));
  return isReordered ? undefined : 'order';
}

function isSame(a: readonly Word[], b: readonly Word[]): boolean {
  return a.length === b.length && a.every(({ form }, index) => form === b[index]?.form);
}

/** The words of `a` that `b` lacks; what stands in `a` twice must stand in `b` twice. */
function without(a: readonly Word[], b: readonly Word[]): Word[] {
  const counts = new Map<string, number>();
  for (const { form } of b) counts.set(form, (counts.get(form) ?? 0) + 1);
  return a.filter(({ form }) => {
    const count = counts.get(form) ?? 0;
    counts.set(form, count - 1);
    return count <= 0;
  });
}

/** Begin a phrase that may stand before the rest of its sentence or after it. */
const adverbialStarts = new Set(
  (
    'on in at by for from with before after during since until because if when while despite ' +
    'last next every yesterday today tonight tomorrow'
  ).split(' '),
);

/**
 * Whether two sentences of the same words say the same: they are equal, or one phrase went from the front to
 * the end ("On Monday Ada flies"). Any other order may have changed who does what to whom.
 */
function saysTheSame(a: readonly Word[], b: readonly Word[]): boolean {
  return isSame(a, b) || movesToEnd(a, b) || movesToEnd(b, a);
}

function movesToEnd(a: readonly Word[], b: readonly Word[]): boolean {
  const start = a[0]?.form;
  if (start === undefined || !adverbialStarts.has(start)) return false;
  const index = b.findLastIndex(({ form }) => form === start);
  return isSame(a, [...b.slice(index), ...b.slice(0, index)]);
}

/** What a differing word is about. */
const reasons: ReadonlyMap<string, Difference> = new Map([
  ...listed('negation', 'not no never none nobody nothing neither nor without longer hardly'),
  ...listed('dates', 'january february march april may june july august september october november december'),
  ...listed('dates', 'monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter'),
  ...listed('dates', 'yesterday today tonight tomorrow morning noon afternoon evening night midnight am pm'),
  ...listed('dates', 'last next day week month year hourly daily weekly monthly yearly'),
]);

function listed(reason: Difference, words: string): [string, Difference][] {
  return words.split(' ').map((word) => [word, reason]);
}

/** Stems of words that say the contrary of each other; what a prefix turns round is found without a list. */
const opposites = (
  'like:hate love:hate accept:declin allow:forbid enabl:disabl increas:decreas rais:lower begin:stop open:clos ' +
  'add:remov includ:exclud pass:fail succe:fail win:los buy:sell lend:borrow push:pull remember:forg on:off ' +
  'up:down in:out more:less fast:slow hot:cold full:empty positive:negative left:right for:against always:never'
)
  .split(' ')
  .map((pair) => pair.split(':'));

function reasonOf(onlyA: readonly Word[], onlyB: readonly Word[]): Difference {
  const found = new Set([...onlyA, ...onlyB].map(reasonOfWord));
  if (onlyA.some(({ form: a }) => onlyB.some(({ form: b }) => isOpposite(a, b)))) found.add('opposites');
  return differences.find((reason) => found.has(reason)) ?? 'words';
}

function reasonOfWord({ form, isName }: Word): Difference {
  if (/\p{N}/u.test(form)) return 'numbers';
  return reasons.get(form) ?? (isName ? 'names' : 'words');
}

function isOpposite(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.endsWith(short) && /^(?:dis|un|in|im|ir)$/.test(long.slice(0, -short.length))) return true;
  return opposites.some(([one, other]) => (isOf(one, a) && isOf(other, b)) || (isOf(one, b) && isOf(other, a)));
}

/** Whether a form is a word of this stem. */
function isOf(stem: string | undefined, form: string): boolean {
  return stem !== undefined && form.startsWith(stem) && form.length <= stem.length + (stem.length > 2 ? 3 : 0);
}
