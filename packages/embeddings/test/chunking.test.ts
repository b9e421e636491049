import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk } from '../src/chunking.ts';

/** Text with everything that makes cutting hard: paragraphs, sentences, long words, blanks, surrogate pairs. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n\n',
        '\n \n',
        ' ',
        '   ',
        '. ',
        '! ',
        '\n',
        '\t',
        '\u{1F600}',
        'e\u0301',
        '\uFEFF',
        '日本語。',
      ),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.lorem({ maxCount: 8 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const maxCharacters = fc.integer({ min: 2, max: 80 });
const withoutWhitespace = (value: string) => value.replace(/\s+/g, '');

describe('chunking', () => {
  it('loses nothing but whitespace', () => {
    fc.assert(
      fc.property(text, maxCharacters, (value, max) => {
        expect(withoutWhitespace(chunk(value, max).join(''))).toBe(withoutWhitespace(value));
      }),
    );
  });

  it('keeps the order and the text between two cuts as it is', () => {
    fc.assert(
      fc.property(text, maxCharacters, (value, max) => {
        let from = 0;
        for (const piece of chunk(value, max)) {
          const at = value.indexOf(piece, from);
          expect(value.slice(from, at).trim()).toBe('');
          from = at + piece.length;
        }
      }),
    );
  });

  it('never exceeds the bound, and gives no empty chunk', () => {
    fc.assert(
      fc.property(
        text.filter((value) => value !== ''),
        maxCharacters,
        (value, max) => {
          const lengths = chunk(value, max).map(({ length }) => length);
          expect(Math.max(...lengths)).toBeLessThanOrEqual(max);
          expect(Math.min(...lengths)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('never cuts a surrogate pair', () => {
    fc.assert(
      fc.property(text, maxCharacters, (value, max) => {
        expect(chunk(value, max).every((piece) => piece.isWellFormed())).toBe(value.isWellFormed());
      }),
    );
    expect(chunk('\u{1F600}'.repeat(3), 3)).toEqual(['\u{1F600}', '\u{1F600}', '\u{1F600}']);
  });

  it('gives a number of chunks that grows with the length alone', () => {
    fc.assert(
      fc.property(text, maxCharacters, (value, max) => {
        expect(chunk(value, max).length).toBeLessThanOrEqual(1 + (2 * value.length) / (max - 1));
      }),
    );
  });

  it('does not make a tiny chunk for a boundary in the first half of what fits', () => {
    expect(chunk(`A\n\n${'b'.repeat(30)}`, 20)).toEqual([`A\n\n${'b'.repeat(17)}`, 'b'.repeat(13)]);
  });

  it('leaves a text that fits as it is', () => {
    expect(chunk(' one. two. ', 11)).toEqual([' one. two. ']);
  });

  it('prefers the end of a paragraph to the end of a later sentence', () => {
    expect(chunk('A first paragraph.\n\nNow two. And three goes on', 34)).toEqual([
      'A first paragraph.',
      'Now two. And three goes on',
    ]);
  });

  it('prefers the end of a sentence to the end of a later word', () => {
    expect(chunk('This is the first sentence. The second is longer', 40)).toEqual([
      'This is the first sentence.',
      'The second is longer',
    ]);
  });

  it('prefers the end of a word to the middle of one', () => {
    expect(chunk('some words without any stop', 20)).toEqual(['some words without', 'any stop']);
  });

  it('still gives something to embed for a text of nothing but blanks', () => {
    expect(chunk(' '.repeat(50), 20)).toEqual([' '.repeat(20)]);
  });
});
