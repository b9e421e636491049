import { expect, test } from 'vitest';
import { dialogue, questions, type Turn } from '../src/mix/dialogue.ts';
import { seededRandom } from '../src/random.ts';

const take = (count: number, seed: number): Turn[] => {
  const turns = dialogue(seededRandom(seed));
  return Array.from({ length: count }, () => turns.next().value);
};

test('the same seed says the same, another seed something else', () => {
  expect(take(50, 1)).toEqual(take(50, 1));
  expect(take(50, 1)).not.toEqual(take(50, 2));
});

test('10,000 turns are all different, 40 to 400 characters long, 20 to a conversation', () => {
  const turns = take(10_000, 1);
  const lengths = turns.map(({ content }) => content.length);
  expect(new Set(turns.map(({ content }) => content)).size).toBe(10_000);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(40);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(400);
  expect(new Set(turns.map(({ conversationId }) => conversationId)).size).toBe(500);
});

test('2,000 questions are all different', () => {
  const asked = questions(seededRandom(1));
  expect(new Set(Array.from({ length: 2_000 }, () => asked.next().value)).size).toBe(2_000);
});
