import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duplicateThreshold, statedDifference } from '../src/consolidation.ts';
import { resonanceOfMerge } from '../src/resonance.ts';

describe('two texts say the same', () => {
  test.each([
    ['case', 'Ada likes TEA', 'ada likes tea'],
    ['punctuation and space', ' "Ada"  likes tea!', 'Ada likes tea.'],
    ['bullets', ' * Use tabs\n * Use `main`', '- Use tabs\n- Use main'],
    ['articles', 'The user wants a refund', 'User wants refund'],
    ['contractions', 'Mira doesn’t eat meat, she’ll cook', "Mira does not eat meat, she'll cook"],
    ['can’t', "I can't come, Tom's ill", 'I cannot come, Tom is ill'],
    ['sentences made one', 'User is vegan. Lives in Utrecht.', 'User is vegan, lives in Utrecht'],
    ['a phrase from the front to the end', 'On Monday Ada flies to Rome', 'Ada flies to Rome on Monday'],
    ['such a phrase in one sentence', 'In May Ada moved. She is glad.', 'Ada moved in May. She is glad.'],
    ['number words', 'The team has three designers', 'The team has 3 designers'],
    ['thousands', 'It costs 450 000 dollars', 'It costs 450,000 dollars'],
    ['units joined to their number', 'He runs 5km at 07:00', 'He runs 5 km at 7:00'],
    ['where the currency stands', 'The rent is €900', 'The rent is 900 €'],
    ['British spelling', 'We organised the coloured data centres', 'We organized the colored data centers'],
    ['short names of days', 'Dentist on Mon 3 March', 'Dentist on Monday 3 March'],
    ['plain synonyms', 'The user enjoys the film', 'The user likes the movie'],
    ['another language', 'Ada trinkt keinen Tee!', 'ada trinkt keinen tee'],
  ])('up to %s', (_, a, b) => {
    expect(statedDifference(a, b)).toBeUndefined();
    expect(statedDifference(b, a)).toBeUndefined();
  });
});

describe('two texts that are near each other state something different', () => {
  test.each([
    ['numbers', 'The timeout is 30 seconds', 'The timeout is 300 seconds'],
    ['numbers', 'The team has three designers', 'The team has four designers'],
    ['numbers', 'The dose is .5 mg', 'The dose is 5 mg'],
    ['numbers', 'It is -5 °C', 'It is 5 °C'],
    ['numbers', 'The API is at v1.2', 'The API is at v1.3'],
    ['numbers', 'Due on 2025-04-01', 'Due on 2025-01-04'],
    ['negation', 'Mira eats meat', "Mira doesn't eat meat"],
    ['negation', 'Contains personal data', 'Contains no personal data'],
    ['negation', 'Jonas works at Bosch', 'Jonas no longer works at Bosch'],
    ['negation', 'Everyone knows Rust', 'No one knows Rust'],
    ['dates', 'Ada flies on Monday', 'Ada flies on Tuesday'],
    ['dates', 'The call is at 3 pm', 'The call is at 3 AM'],
    ['opposites', 'Ada likes tea', 'Ada dislikes tea'],
    ['opposites', 'Enable caching', 'Disable caching'],
    ['opposites', 'Turn the light on', 'Turn the light off'],
    ['names', 'Call doctor Novak', 'Call doctor Nowak'],
    ['names', 'Kim was born in Seoul', 'Kim was born in Busan'],
    ['names', 'We chose plan A today', 'We chose plan today'],
    ['words', 'Ada likes tea', 'Ada likes green tea'],
    ['words', 'Elena is moving', 'Elena moved'],
    ['words', 'Few customers complained', 'A few customers complained'],
    ['words', 'The cache holds 10 Mb', 'The cache holds 10 MB'],
    ['words', 'It is written in C', 'It is written in C++'],
    ['words', 'If (valid) return', 'If (!valid) return'],
    ['words', 'The price is a * b', 'The price is a / b'],
    ['words', 'Dinner was fine 👍', 'Dinner was fine 👎'],
    ['words', 'Bob called', 'Bob called?'],
    ['words', 'Marta wrote it', 'Marta was wrote it by'],
    ['words', 'Ada trinkt einen Tee', 'Ada trinkt keinen Tee'],
    ['names', 'Ada wohnt in Köln', 'Ada wohnt in Bonn'],
    ['words', '私は肉を食べる', '私は肉を食べない'],
    ['order', 'Ada called Bob', 'Bob called Ada'],
    ['order', 'The user prefers tea over coffee', 'The user prefers coffee over tea'],
    ['order', 'Copy it from staging to production', 'Copy it from production to staging'],
    ['order', 'If it rains, Joe walks', 'It rains if Joe walks'],
    ['order', 'Ada left before Bob came', 'Bob came before Ada left'],
    ['order', 'Only Mia may approve', 'Mia may only approve'],
    ['order', 'The young doctor called a nurse', 'The doctor called a young nurse'],
    ['order', 'Likes black tea and coffee', 'Likes black coffee and tea'],
    ['order', 'Ada likes tea. Bob likes ale.', 'Bob likes tea. Ada likes ale.'],
  ] as const)('%s: %s | %s', (difference, a, b) => {
    expect(statedDifference(a, b)).toBe(difference);
    expect(statedDifference(b, a)).toBe(difference);
  });

  test('a number, a negation or a name is named before another word', () => {
    expect(statedDifference('Ada owes Bob 5 euros', 'Ada does not lend Carl 6 francs')).toBe('numbers');
    expect(statedDifference('Ada owes Bob money', 'Ada never lends Carl cash')).toBe('negation');
    expect(statedDifference('Ada owes Bob money', 'Ada lends Carl cash')).toBe('names');
  });
});

const vocabulary = ['Ada', 'bob', 'likes', 'hates', 'not', 'the', 'on', 'Monday', '5', '.', 'don’t', '7:00', '?', 'é'];
const text = fc.array(fc.constantFrom(...vocabulary), { maxLength: 12 }).map((words) => words.join(' '));

test('every text says the same as itself, and two texts differ alike from either side', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'grapheme' })), text, (a, b) => {
      expect(statedDifference(a, a)).toBeUndefined();
      expect(statedDifference(a, ` ${a}`)).toBeUndefined();
      expect(statedDifference(a, b)).toBe(statedDifference(b, a));
    }),
  );
});

test('two memories of the greatest length are compared in less than a second', () => {
  const start = performance.now();
  for (const piece of ['word ', '1', '111 ', "'s ", '.5.', 'on x ']) {
    const long = piece.repeat(50_000 / piece.length - 10);
    expect(statedDifference(`on 1 ${long}`, `${long} on 2`)).toBe('numbers');
  }
  expect(performance.now() - start).toBeLessThan(6_000);
});

test('a model that was not measured merges from 0.95; a merge adds an access, or a little less', () => {
  expect(duplicateThreshold('ollama')).toBe(0.95);
  expect(duplicateThreshold('builtin')).toBeLessThan(0.95);
  expect([0.85, 0.95, 0.9799, 0.98, 1].map(resonanceOfMerge)).toEqual([90, 90, 90, 100, 100]);
});
