/** LoCoMo's names of its question categories. */
const categoryNames: Readonly<Record<number, string>> = {
  1: 'multi-hop',
  2: 'temporal',
  3: 'open-domain',
  4: 'single-hop',
  5: 'adversarial',
};

/** Asked about what was never said, so its evidence is no answer: shown apart, not in the total. */
const adversarial = 5;

export const cutoffs = [5, 10, 20] as const;

/** One question's evidence and what was found, both as memory ids. */
export interface Answer {
  readonly category: number;
  /** An entry of the evidence that no memory stands for is undefined, and never found. */
  readonly evidence: readonly (string | undefined)[];
  /** Best first. */
  readonly found: readonly string[];
}

export interface Score {
  readonly questions: number;
  /** Mean share of a question's evidence among the first k results, for each cutoff k. */
  readonly recall: Readonly<Record<(typeof cutoffs)[number], number>>;
  /** Share of questions with some evidence among the first 10 results. */
  readonly hitAt10: number;
}

export interface Scores {
  readonly byCategory: readonly (Score & { readonly category: number; readonly name: string })[];
  /** Every category but the adversarial one. */
  readonly total: Score;
}

export function score(answers: readonly Answer[]): Scores {
  const categories = [...new Set(answers.map(({ category }) => category))].toSorted((a, b) => a - b);
  return {
    byCategory: categories.map((category) => ({
      category,
      name: categoryNames[category] ?? `category ${category}`,
      ...scoreOf(answers.filter((answer) => answer.category === category)),
    })),
    total: scoreOf(answers.filter(({ category }) => category !== adversarial)),
  };
}

function scoreOf(answers: readonly Answer[]): Score {
  const recallAt = (k: number) => mean(answers.map((answer) => shareFound(answer, k)));
  return {
    questions: answers.length,
    recall: { 5: recallAt(5), 10: recallAt(10), 20: recallAt(20) },
    hitAt10: mean(answers.map((answer) => (shareFound(answer, 10) > 0 ? 1 : 0))),
  };
}

function shareFound({ evidence, found }: Answer, k: number): number {
  const first = new Set<string | undefined>(found.slice(0, k));
  return evidence.filter((id) => id !== undefined && first.has(id)).length / evidence.length;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
