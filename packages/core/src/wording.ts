/** One word of a text, as it is compared. */
export interface Word {
  /** Lower case and in one of its spellings, so that equal forms mean the same. */
  readonly form: string;
  /** Written with a capital inside its sentence. */
  readonly isName: boolean;
}

/**
 * Numbers with what belongs to them (-5, .5, 3:58, 2.4.1, 120/80, 2025-04-01), words with theirs (v2.1, B22),
 * and every symbol that means something: currencies, C++ and C#, !valid, a * b, emoji.
 */
const wordPattern = new RegExp(
  [
    /(?:(?<![\p{L}\p{N}])[-−+]?\.?)?\d[\p{L}\p{N}]*(?:[.,:/-]\d[\p{L}\p{N}]*)*/u,
    /\p{L}[\p{L}\p{M}\p{N}]*(?:\.\d+)*/u,
    /[%#@&?]|!(?=[\p{L}(=])|(?<=\s)[*/](?=\s)|[^\s\p{P}`]/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gu',
);

const sentenceEnd = /(?<=[.!?;])\s+|\n+/u;

/** Words that carry nothing. "A" does where it is a name ("plan A"), so it is left out only elsewhere. */
const silent = new Set(['a', 'an', 'the', 'that', 'please']);

/** Between commas: a word, and what is taken for it. Case matters in what a number may precede (3 PM). */
const meansTheSame: ReadonlyMap<string, string> = new Map(
  [
    '0 zero,1 one,2 two,3 three,4 four,5 five,6 six,7 seven,8 eight,9 nine,10 ten,11 eleven,12 twelve,15 fifteen',
    '20 twenty,30 thirty,40 forty,50 fifty,60 sixty,70 seventy,80 eighty,90 ninety,100 hundred',
    'monday mon,tuesday tue,wednesday wed,thursday thu,friday fri,saturday sat,sunday sun,january jan,february feb',
    'april apr,august aug,september sep sept,october oct,november nov,december dec,am AM,pm PM,percent %,and &',
    'gray grey,program programme,license licence,okay ok,documentation docs,database db,repository repo',
    'configuration config,application app,information info,television tv,phone telephone,photo picture',
    'like enjoy,likes enjoys,buy purchase,buys purchases,bought purchased,begin start,begins starts,began started',
    'need require,needs requires,live reside,lives resides,fix repair,fixes repairs,fixed repaired,use utilize',
    'finished completed,chose selected,often frequently,usually normally,maybe perhaps,everyone everybody',
    'movie film,movies films,mother mom mum,father dad,child kid,children kids,bike bicycle,car automobile',
    'doctor physician,lawyer attorney,company firm,apartment flat,vacation holiday,gift present,sofa couch',
    'large big,fast quick,afraid scared,angry mad',
  ]
    .flatMap((line) => line.split(','))
    .flatMap((group) => {
      const [first = '', ...others] = group.split(' ');
      return others.map((other) => [other, first] as const);
    }),
);

/** The words of a text that carry something, sentence by sentence. */
export function wordsOf(text: string): Word[][] {
  const sentences = spellOut(text.normalize('NFC')).split(sentenceEnd);
  return sentences.map((sentence) => wordsOfSentence(sentence.trim())).filter(({ length }) => length > 0);
}

/** What is written in several ways, in one: contractions, amounts, units joined to their number. */
function spellOut(text: string): string {
  const amounts = text
    .replace(/(?<!\S)\d{1,3}(?:[ ,]\d{3})+(?![\d.,])/g, (number) => number.replaceAll(/[ ,]/g, ''))
    .replace(/(?<!\S)0(\d:\d\d)/g, '$1')
    .replace(/([$€£¥])(\d[\d.,]*)/g, '$2 $1')
    .replace(/(?<![\p{L}\p{N}.,:/-])(\d[\d.,:]*)(\p{L}{1,4})(?![\p{L}\p{N}])/gu, '$1 $2')
    .replace(/\bcannot\b/gi, 'can not')
    .replace(/\bno one\b/gi, 'nobody')
    .replace(/\be-mail/gi, 'email')
    // Few customers is the contrary of a few.
    .replace(/\ba (few|little)\b/gi, 'some-$1');
  return /['’]/.test(amounts) ? withoutContractions(amounts) : amounts;
}

function withoutContractions(text: string): string {
  return text
    .replace(/’/g, "'")
    .replace(/\bcan't\b/gi, 'can not')
    .replace(/\bwon't\b/gi, 'will not')
    .replace(/n't\b/gi, ' not')
    .replace(/'s\b/gi, ' is')
    .replace(/'re\b/gi, ' are')
    .replace(/'ve\b/gi, ' have')
    .replace(/'ll\b/gi, ' will')
    .replace(/'d\b/gi, ' would')
    .replace(/'m\b/gi, ' am');
}

function wordsOfSentence(sentence: string): Word[] {
  const words: Word[] = [];
  let isFirst = true;
  let followsNumber = false;
  for (const [written] of sentence.matchAll(wordPattern)) {
    const lower = written.toLowerCase();
    if (!silent.has(lower) || (written === 'A' && !isFirst)) {
      // Case tells units apart: MB and Mb, mW and MW.
      const isUnit = followsNumber && written.length < 3 && !meansTheSame.has(written);
      words.push({
        form: isUnit ? written : oneSpelling(meansTheSame.has(written) ? written : lower),
        isName: !isFirst && !isUnit && /^\p{Lu}/u.test(written),
      });
    }
    isFirst = false;
    followsNumber = /^[-−+]?\.?\d/.test(written);
  }
  return words;
}

/** The word that stands for this one; British spelling as American. What it spoils (devour) it spoils on both sides. */
function oneSpelling(word: string): string {
  return (
    meansTheSame.get(word) ??
    word
      .replace(/(?<=\p{L}{3})our(?=s?$|ed$|ing$|ite)/u, 'or')
      .replace(/(?<=\p{L}{2})[iy]s(?=e[ds]?$|ing$|ations?$)/u, 'iz')
      .replace(/(?<=\p{L}{2}t)re(?=s?$)/u, 'er')
  );
}
