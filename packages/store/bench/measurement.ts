import { armDepth, type Filters, rankHybrid, rankStructural, type Space, type StructuralSearch } from '@anima/core';
import type { Database } from '../src/engine/engine.ts';
import { allowed } from '../src/reads/filters.ts';
import { search } from '../src/reads/search.ts';
import { chooseTarget, isExactCheaper, type SearchTarget } from '../src/reads/search-target.ts';
import { searchStructural } from '../src/reads/structural-search.ts';
import type { Corpus, Text } from './corpus.ts';
import { median } from './median.ts';
import type { Planted } from './plant.ts';

/** A search against the one it is measured by. Times are medians of alternating runs, ms. */
export interface Compared {
  readonly name: string;
  readonly ms: number;
  readonly referenceMs: number;
  /** Mean share of the reference's results among its own. */
  readonly recall: number;
  /** Mean number of results, of 20 wanted. */
  readonly results: number;
}

export interface SearchResult {
  readonly structural: Compared;
  readonly filters: readonly (Compared & { readonly arm: 'exact' | 'hnsw' })[];
  readonly words: {
    readonly bounded: Throughput;
    readonly unbounded: Throughput;
  };
  readonly parts: readonly PartResult[];
  readonly graphs: readonly GraphResult[];
}

/** A query that leaves the way to the planner (`ms`) against one that compares the vectors of its space (`referenceMs`). */
export interface PartResult extends Compared {
  readonly ofSpace: number;
  readonly ofIndex: number;
  /** The way that a query takes. */
  readonly arm: 'exact' | 'hnsw';
}

/** A query by the graph of its shard (`ms`) against one by a graph that all spaces share (`referenceMs`). */
export interface GraphResult extends Compared {
  readonly ofSpace: number;
  readonly ofAll: number;
  /** The way that the graph of all would leave for so small a part of it. */
  readonly referenceArm: 'exact' | 'hnsw';
}

/** What 16 callers at a time get, and how often the memory that a question is about is among the first 10. */
interface Throughput {
  readonly perSecond: number;
  readonly recallAt10: number;
}

const results = 20;
const questionCount = 300;

/** Of these, as many are compared with their exhaustive answers. */
const comparedCount = 60;
/** None: it would make what is measured easier. */
const similarityThreshold = 0;
export type OnProgress = (label: string, done: number, total: number) => void;

interface MeasurementOptions {
  readonly db: Database;
  readonly planted: Planted;
  readonly corpus: Corpus;
  readonly random: () => number;
  readonly target: SearchTarget;
  readonly onProgress: OnProgress;
}

interface Question extends Text {
  readonly memoryId: string;
  readonly vector: Float32Array;
}

/** What is measured on a planted space. */
export class Measurement {
  readonly #questions: readonly Question[];
  readonly #space: Space;
  readonly #size: number;
  readonly #db: Database;
  readonly #target: SearchTarget;
  readonly #onProgress: OnProgress;

  constructor({ db, planted, corpus, random, target, onProgress }: MeasurementOptions) {
    this.#db = db;
    this.#target = target;
    this.#onProgress = onProgress;
    this.#space = planted.space;
    this.#size = planted.memories.length;
    this.#questions = Array.from({ length: questionCount }, () => {
      const memory = planted.memories[Math.floor(planted.memories.length * random())];
      if (!memory) throw new Error('nothing was planted');
      const question = corpus.questionAbout(memory);
      return { ...question, memoryId: memory.memoryId, vector: corpus.vectorOf(question) };
    });
  }

  /** The threshold algorithm against weighing every memory. */
  structural(): Promise<Compared> {
    const ids = async (target: SearchTarget, { vector }: Question) => {
      const wanted: StructuralSearch = { vector, filters: {}, similarityThreshold, limit: results };
      const found = await searchStructural(this.#db, target, this.#space, wanted);
      return rankStructural(found.candidates, wanted).map(({ candidate }) => candidate.memoryId);
    };
    return this.#compare(
      'structural',
      (question) => ids(this.#target, question),
      (question) => ids({ ...this.#target, exact: true, exhaustive: true }, question),
    );
  }

  /** Filters of several shares, as a query would search them, against comparing the vectors of all they allow. */
  async filters(exactScanBound: number) {
    const day = (days: number) => new Date(Date.UTC(2020, 0, 1 + days)).toISOString();
    const kinds: readonly (readonly [string, Filters])[] = [
      ['category, 1 %', { category: 'one' }],
      ['category, 10 %', { category: 'ten' }],
      ['category, 50 %', { category: 'fifty' }],
      ['tag, 1 %', { tags: ['one'] }],
      ['tag, 10 %', { tags: ['ten'] }],
      ['tag, 50 %', { tags: ['fifty'] }],
      ['tier, 1 %', { tiers: ['stable'] }],
      ['tier, 10 %', { tiers: ['thread'] }],
      ['tier, 50 %', { tiers: ['active'] }],
      ['time, 1 %', { from: day(100), to: day(109) }],
      ['time, 10 %', { from: day(100), to: day(199) }],
      ['time, 50 %', { from: day(100), to: day(599) }],
    ];
    const compared: SearchResult['filters'][number][] = [];
    for (const [name, filters] of kinds) {
      const size = { ofSpace: this.#size, ofIndex: this.#size, exactScanBound };
      const choose = () => chooseTarget(this.#db, this.#target, size, this.#space, allowed(this.#space, filters));
      const ids = async (target: SearchTarget, question: Question) => this.#hybrid(target, filters, question);
      const one = await this.#compare(
        name,
        async (question) => ids(await choose(), question),
        async (question) => ids({ ...(await choose()), exact: true }, question),
      );
      compared.push({ ...one, arm: (await choose()).exact ? 'exact' : 'hnsw' });
    }
    return compared;
  }

  /** Both ways to the nearest of a space that is a part of the index: as the planner wants, and one by one. */
  async arms(ofIndex: number, exactScanBound: number): Promise<PartResult> {
    const size = { ofSpace: this.#size, ofIndex };
    const by = (exact: boolean) => (question: Question) => this.#hybrid({ ...this.#target, exact }, {}, question);
    const compared = await this.#compare(`${size.ofSpace} of ${ofIndex}`, by(false), by(true));
    return { ...compared, ...size, arm: isExactCheaper({ ...size, exactScanBound }) ? 'exact' : 'hnsw' };
  }

  /** By the graph of the shard, in which the space is alone, and by one of all spaces, as far as that would be used. */
  async graphs(tableOfOne: string, ofAll: number, exactScanBound: number): Promise<GraphResult> {
    const ofSpace = this.#size;
    const isExact = isExactCheaper({ ofSpace, ofIndex: ofAll, exactScanBound });
    const byOne = { ...this.#target, vectorsTable: tableOfOne, exact: isExact };
    const byOwn = { ...this.#target, exact: isExactCheaper({ ofSpace, ofIndex: ofSpace, exactScanBound }) };
    const by = (target: SearchTarget) => (question: Question) => this.#hybrid(target, {}, question);
    const compared = await this.#compare(`${ofSpace} among ${ofAll}`, by(byOwn), by(byOne));
    return { ...compared, ofSpace, ofAll, referenceArm: isExact ? 'exact' : 'hnsw' };
  }

  /** The lexical arm that takes the rarest words first, against the one that takes them all. */
  async words() {
    const bounded = (question: Question) => this.#hybrid(this.#target, {}, question);
    const unbounded = (question: Question) => this.#hybrid({ ...this.#target, exhaustive: true }, {}, question);
    const rates: Record<'bounded' | 'unbounded', number[]> = { bounded: [], unbounded: [] };
    for (let round = 0; round < 3; round += 1) {
      this.#onProgress('Words', round, 3);
      rates.bounded.push(await this.#perSecond(bounded));
      rates.unbounded.push(await this.#perSecond(unbounded));
    }
    const recallAt10 = async (ask: typeof bounded) => {
      const found = await mapInTurn(this.#questions, async (question) =>
        (await ask(question)).slice(0, 10).includes(question.memoryId) ? 1 : 0,
      );
      return mean(found);
    };
    return {
      bounded: { perSecond: median(rates.bounded), recallAt10: await recallAt10(bounded) },
      unbounded: { perSecond: median(rates.unbounded), recallAt10: await recallAt10(unbounded) },
    };
  }

  async #hybrid(target: SearchTarget, filters: Filters, { content: text, vector }: Question): Promise<string[]> {
    const wanted = { text, vector, filters, depth: armDepth, neighbours: false };
    const { candidates } = await search(this.#db, target, this.#space, wanted);
    return rankHybrid(candidates, { similarityThreshold, limit: results }).map(({ candidate }) => candidate.memoryId);
  }

  async #perSecond(ask: (question: Question) => Promise<unknown>): Promise<number> {
    const until = performance.now() + 8_000;
    let answered = 0;
    const callers = Array.from({ length: 16 }, async (_, caller) => {
      for (let turn = caller; performance.now() < until; turn += 16) {
        const question = this.#questions[turn % this.#questions.length];
        if (question) await ask(question);
        answered += 1;
      }
    });
    await Promise.all(callers);
    return answered / 8;
  }

  async #compare(
    name: string,
    ask: (question: Question) => Promise<string[]>,
    reference: (question: Question) => Promise<string[]>,
  ): Promise<Compared> {
    const times: Record<'ask' | 'reference', number[]> = { ask: [], reference: [] };
    const timed = async <T>(to: number[], work: () => Promise<T>): Promise<T> => {
      const startedAt = performance.now();
      const result = await work();
      to.push(performance.now() - startedAt);
      return result;
    };
    // Once for the caches, so that nobody pays for the other.
    const questions = this.#questions.slice(0, comparedCount);
    for (const question of questions.slice(0, 10)) await Promise.all([ask(question), reference(question)]);
    const compared = await mapInTurn(questions, async (question, index) => {
      this.#onProgress(name, index, questions.length);
      const expected = await timed(times.reference, () => reference(question));
      const found = new Set(await timed(times.ask, () => ask(question)));
      const share = expected.length === 0 ? 1 : expected.filter((id) => found.has(id)).length / expected.length;
      return { share, results: found.size };
    });
    return {
      name,
      ms: median(times.ask),
      referenceMs: median(times.reference),
      recall: mean(compared.map(({ share }) => share)),
      results: mean(compared.map((one) => one.results)),
    };
  }
}

async function mapInTurn<T, R>(items: readonly T[], map: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const mapped: R[] = [];
  for (const [index, item] of items.entries()) mapped.push(await map(item, index));
  return mapped;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
