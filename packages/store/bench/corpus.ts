/** Words a vocabulary has, and how flat its most frequent ones are (Zipf–Mandelbrot). */
const vocabulary = 20_000;
const flattening = 2;

/** Who speaks is said in every memory, and asked for in every question: the words that match most. */
const speakers = 4;

/** Half the words of a memory are those of its topic. */
const topics = 200;

const dimensions = 512;

/** Sentence models fill few of their dimensions: what they tell apart lies in a space about as large as this. */
const meanings = 48;

const wordsOfMemory = { least: 8, most: 26 };

type Random = () => number;

/** A text whose words are as frequent as those of a language, and where it comes from. */
export interface Text {
  readonly words: readonly number[];
  readonly content: string;
}

/**
 * Texts of no meaning: words as frequent as in a transcript (a question of LoCoMo shares a word with 44 % of
 * the turns, one of these with 36 %), vectors that are near where words and topics are shared. The same for the
 * same random numbers.
 */
export class Corpus {
  readonly dimensions = dimensions;
  readonly #random: Random;
  readonly #upTo: Float64Array;
  readonly #directions = new Map<number, Float32Array>();
  #spelled: ReadonlyMap<string, number> | undefined;
  readonly #axes: readonly Float32Array[];

  constructor(random: Random) {
    this.#random = random;
    this.#upTo = new Float64Array(vocabulary);
    let sum = 0;
    for (let rank = 0; rank < vocabulary; rank += 1) {
      sum += 1 / (rank + 1 + flattening);
      this.#upTo[rank] = sum;
    }
    this.#axes = Array.from({ length: meanings }, () => this.#direction(dimensions));
  }

  /** @param random where the same memory is wanted again, whatever was made before */
  memory(random = this.#random): Text {
    const { least, most } = wordsOfMemory;
    const length = least + Math.floor((most - least) * random());
    const topic = Math.floor(topics * random());
    const ofTopic = (word: number) => word - (word % topics) + topic;
    const said = Array.from({ length }, (_, place) =>
      place % 2 === 0 ? this.#word(random) : ofTopic(this.#word(random)) % vocabulary,
    );
    return this.#text([vocabulary + Math.floor(speakers * random()), ...said]);
  }

  /** A question whose answer is one memory: who said it, three of its words, and two of somebody else's. */
  questionAbout({ words: [speaker = vocabulary, ...said] }: Text, random = this.#random): Text {
    const own = new Set<number>();
    while (own.size < Math.min(3, new Set(said).size)) own.add(said[Math.floor(said.length * random())] ?? 0);
    return this.#text([speaker, ...own, this.#word(random), this.#word(random)]);
  }

  /** A text by what it says; words that the corpus does not have are nobody's. */
  read(content: string): Text {
    this.#spelled ??= new Map(Array.from({ length: vocabulary + speakers }, (_, word) => [spell(word), word]));
    const words = content.split(' ').map((word) => this.#spelled?.get(word) ?? 0);
    return { words, content };
  }

  /** Gives every word its meaning now, so that it does not depend on the order in which words come. */
  learnWords(): void {
    for (let word = 0; word < vocabulary + speakers; word += 1) this.#meaning(word);
  }

  /** The sum of what its words mean, as a unit vector. */
  vectorOf({ words }: Text): Float32Array {
    const meaning = sum(
      words.map((word) => this.#meaning(word)),
      meanings,
    );
    const vector = sum(
      this.#axes.map((axis, index) => scaled(axis, meaning[index] ?? 0)),
      dimensions,
    );
    return scaled(vector, 1 / Math.hypot(...vector));
  }

  #text(words: readonly number[]): Text {
    return { words, content: words.map(spell).join(' ') };
  }

  #word(random: Random): number {
    const wanted = random() * (this.#upTo.at(-1) ?? 0);
    let low = 0;
    let high = vocabulary - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #meaning(word: number): Float32Array {
    const known = this.#directions.get(word) ?? this.#direction(meanings);
    this.#directions.set(word, known);
    return known;
  }

  #direction(size: number): Float32Array {
    return Float32Array.from({ length: size }, () => this.#random() - 0.5);
  }
}

function sum(vectors: readonly Float32Array[], size: number): Float32Array {
  const total = new Float32Array(size);
  for (const vector of vectors) {
    for (let place = 0; place < size; place += 1) total[place] = (total[place] ?? 0) + (vector[place] ?? 0);
  }
  return total;
}

function scaled(vector: Float32Array, factor: number): Float32Array {
  return vector.map((value) => value * factor);
}

/** A word that no stemmer shortens and no list of stop words has. */
function spell(word: number): string {
  let rest = word;
  let spelled = 'z';
  for (let syllable = 0; syllable < 4; syllable += 1) {
    spelled += `${'bdfgklmnprt'[rest % 11]}${'ou'[Math.floor(rest / 11) % 2]}`;
    rest = Math.floor(rest / 22);
  }
  return `${spelled}x`;
}
