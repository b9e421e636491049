import {
  add,
  addInput,
  bootstrap,
  bootstrapInput,
  defaults,
  type Embedder,
  query,
  queryInput,
  type Space,
} from '@anima/core';
import type { Measured } from '@anima/store/measured';
import type { Fix } from './fixes.ts';
import { bootstrapByThree, countPairsInTurn, scanForDuplicate, strengthenInTurn } from './old-ways.ts';

/** As the server's settings have it. */
const budgetsMs = { add: 100, query: 200 };

/** Longer than any model takes. */
const withoutBudgetMs = 120_000;

interface ServerOptions {
  readonly measured: Measured;
  readonly space: Space;
  readonly embedder: Embedder;
  /** The same model, asked anew for every text. */
  readonly uncached: Embedder;
  /** Fixes that it does without. */
  readonly without: ReadonlySet<Fix>;
}

/**
 * What answers a request, without the wire: the use cases of the product over its store, and for each fix that
 * it does without, the old way in its place.
 */
export class Server {
  readonly #measured: Measured;
  readonly #space: Space;
  readonly #embedder: Embedder;
  readonly #without: ReadonlySet<Fix>;

  constructor({ measured, space, embedder, uncached, without }: ServerOptions) {
    this.#measured = measured;
    this.#space = space;
    this.#embedder = without.has('cache') ? uncached : embedder;
    this.#without = without;
  }

  async add(content: string): Promise<void> {
    const { store } = this.#measured;
    const addEmbedBudgetMs = this.#without.has('budget') ? withoutBudgetMs : budgetsMs.add;
    const embedder = this.#without.has('scan') ? await this.#scanned(content) : this.#embedder;
    await add({ store, embedder, addEmbedBudgetMs }, addInput.parse({ content, space: this.#space.id }));
  }

  /** @param conversationId with one, what is recalled together becomes associated */
  async query(text: string, conversationId?: string): Promise<void> {
    const { store } = this.#measured;
    const dependencies = {
      ...{ store, embedder: this.#embedder, ranking: 'hybrid' as const },
      queryEmbedBudgetMs: this.#without.has('budget') ? withoutBudgetMs : budgetsMs.query,
      similarityThreshold: defaults.similarityThreshold,
    };
    const countsInTurn = conversationId !== undefined && this.#without.has('pairs');
    const input = queryInput.parse({
      ...{ query: text, limit: 20, similarityThreshold: 0, space: this.#space.id },
      conversationId: countsInTurn ? undefined : conversationId,
      record: !this.#without.has('updates'),
    });
    const { memories } = await query(dependencies, input);
    const ids = memories.map(({ id }) => id);
    if (this.#without.has('updates')) await strengthenInTurn(this.#measured, this.#space, ids);
    if (countsInTurn) await countPairsInTurn(this.#measured, this.#space, ids);
  }

  async bootstrap(): Promise<void> {
    if (this.#without.has('bootstrap')) {
      await bootstrapByThree(this.#measured, this.#space);
      return;
    }
    await bootstrap(this.#measured, bootstrapInput.parse({ limit: 50, space: this.#space.id }));
  }

  /** Has looked for a near-duplicate, for which it needed the vector; so it is not asked for again. */
  async #scanned(content: string): Promise<Embedder> {
    const vectors = await this.#embedder.embedContents(this.#space, [content], new AbortController().signal);
    const [vector] = vectors[0] ?? [];
    if (vector) await scanForDuplicate(this.#measured, this.#space, vector);
    return { ...this.#embedder, embedContents: async () => vectors };
  }
}
