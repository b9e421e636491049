const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Cuts a text into chunks of at most `maxCharacters` UTF-16 code units (at least 2), in order. It cuts
 * where a paragraph ends, else a sentence, else a word, else anywhere but inside a surrogate pair, and
 * always as late as possible in the second half of what fits: so there are at most about
 * 2·length / maxCharacters chunks. Only whitespace at the cuts is lost; no chunk is empty.
 */
export function chunk(text: string, maxCharacters: number): string[] {
  const chunks: string[] = [];
  let start = 0;
  while (text.length - start > maxCharacters) {
    const cut = start + lastCut(text.slice(start, start + maxCharacters));
    const piece = text.slice(start, cut).trimEnd();
    if (piece !== '') chunks.push(piece);
    start = skipWhitespace(text, cut);
  }
  if (start < text.length) chunks.push(text.slice(start));
  return chunks.length > 0 ? chunks : [text.slice(0, maxCharacters)];
}

/** The sentences of a text, where it has several; each at most `maxCharacters` long, like chunks. */
export function sentencesOf(text: string, maxCharacters: number): string[] {
  const found = [...sentences.segment(text)].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== '');
  return found.length > 1 ? found.flatMap((sentence) => chunk(sentence, maxCharacters)) : [];
}

/** Where to cut a full window: the end of the best boundary in its second half. */
function lastCut(window: string): number {
  const half = window.length / 2;
  const boundaries = [
    () => lastMatchEnd(window, /\n\s*\n/g),
    () => lastSentenceStart(window),
    () => lastMatchEnd(window, /\s+/g),
  ];
  for (const boundary of boundaries) {
    const cut = boundary();
    if (cut > half) return cut;
  }
  return splitsPair(window) ? window.length - 1 : window.length;
}

function lastMatchEnd(window: string, pattern: RegExp): number {
  let end = 0;
  for (const match of window.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

function lastSentenceStart(window: string): number {
  let start = 0;
  for (const { index } of sentences.segment(window)) start = index;
  return start;
}

function splitsPair(window: string): boolean {
  const last = window.charCodeAt(window.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

function skipWhitespace(text: string, from: number): number {
  const blank = /\s*/y;
  blank.lastIndex = from;
  return from + (blank.exec(text)?.[0].length ?? 0);
}
