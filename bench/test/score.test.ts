import { expect, test } from 'vitest';
import { score } from '../src/recall/score.ts';

const fillers = Array.from({ length: 20 }, (_, index) => `filler-${index}`);

test('recall is the share of a question’s evidence among the first k, a hit is any of it', () => {
  const found = [...fillers.slice(0, 4), 'a', ...fillers.slice(4, 10), 'b'];
  const { total } = score([{ category: 1, evidence: ['a', 'b'], found }]);
  expect(total).toEqual({ questions: 1, recall: { 5: 0.5, 10: 0.5, 20: 1 }, hitAt10: 1 });
});

test('evidence that two turns share is found for both; evidence without a memory is never found', () => {
  const { total } = score([{ category: 2, evidence: ['a', 'a', undefined, undefined], found: ['a'] }]);
  expect(total.recall[5]).toBe(0.5);
});

test('questions count alike in the total, and adversarial ones are shown apart', () => {
  const { total, byCategory } = score([
    { category: 4, evidence: ['a'], found: ['a'] },
    { category: 4, evidence: ['a'], found: [] },
    { category: 1, evidence: ['a'], found: ['a'] },
    { category: 5, evidence: ['a'], found: [] },
  ]);
  expect(total).toMatchObject({ questions: 3, recall: { 10: 2 / 3 }, hitAt10: 2 / 3 });
  expect(byCategory.map(({ name, questions, recall }) => [name, questions, recall[10]])).toEqual([
    ['multi-hop', 1, 1],
    ['single-hop', 2, 0.5],
    ['adversarial', 1, 0],
  ]);
});
