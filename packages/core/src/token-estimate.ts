/** Units of a token, so that costs are whole numbers and the cost of a text is the sum of its parts'. */
export const unitsPerToken = 4;

/**
 * What a text costs a language model, in quarters of a token. No two models cut alike, so this counts characters: an
 * ASCII letter or space is a quarter (4 characters a token is OpenAI's rule for English,
 * help.openai.com/en/articles/4936856), any other ASCII character and any other letter of an alphabet a half, an
 * ideograph or symbol five quarters, what lies beyond the basic plane (emoji) three tokens.
 *
 * Over LoCoMo's 1,082 memories it came to 1.10 times what `o200k_base` counts, and 1.07 times `cl100k_base`. It is an
 * estimate: text of many digits, such as ids, costs up to twice as much.
 */
export function tokenUnits(text: string): number {
  let units = 0;
  for (const character of text) units += unitsOf(character.codePointAt(0) ?? 0);
  return units;
}

/** An estimate of what a text costs a language model, in tokens: see {@link tokenUnits}. */
export function estimateTokens(text: string): number {
  return Math.ceil(tokenUnits(text) / unitsPerToken);
}

function unitsOf(code: number): number {
  const isPlain = code === 0x20 || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  if (isPlain) return 1;
  // Alphabets end, and punctuation, symbols and ideographs begin, at U+2000; U+2010–U+20CF is punctuation in use.
  if (code < 0x2000 || (code >= 0x2010 && code < 0x20d0)) return 2;
  return code < 0x1_0000 ? 5 : 12;
}

/** The longest beginning of a text that costs at most so many units, cut between characters. */
export function startWithin(text: string, most: number): string {
  let units = 0;
  let end = 0;
  for (const character of text) {
    units += unitsOf(character.codePointAt(0) ?? 0);
    if (units > most) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
