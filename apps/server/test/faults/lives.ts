import { setTimeout as sleep } from 'node:timers/promises';
import { type AnimaClient, createAnimaClient, isAnimaClientError } from '@anima/client';
import { pick, type Random, seededRandom } from './random.ts';

/** A request is sent again until it is answered; servers that are down this long do not come back. */
const answeredWithinMs = 90_000;

/** What may become of an attempt whose server is killed; nothing else may. */
const passing = new Set(['NETWORK_ERROR', 'TIMEOUT', 'ABORTED', 'UNAVAILABLE', 'OVERLOADED']);

/** Refusals that follow from what happened before, as when a variant is updated. */
const refusals = new Set(['CONFLICT', 'NOT_FOUND']);

const topics = 'amber birch cedar delta ember fjord'.split(' ');

/** One client with a space of its own: it does everything that can be done to memories, one thing after the other. */
export class Lives {
  readonly space: string;
  /** What was acknowledged, as the log must have it: once each, but for what nobody did by request. */
  readonly facts: string[] = [];
  /** For each recall, what was shown of it. */
  readonly shown = new Map<string, readonly string[]>();
  readonly erased = new Set<string>();
  acknowledged = 0;
  readonly #random: Random;
  readonly #urls: () => readonly string[];
  /** Words that only one text has, of each memory that was said or changed. */
  readonly #marks = new Map<string, string[]>();
  readonly #recalls: { readonly recallId: string; readonly ids: readonly string[] }[] = [];
  #texts: string[] = [];
  #count = 0;

  constructor(space: string, seed: number, urls: () => readonly string[]) {
    this.space = space;
    this.#random = seededRandom(seed);
    this.#urls = urls;
  }

  /** What stood in erased memories, and in no other. */
  erasedMarks(): string[] {
    const left = new Set([...this.#marks].flatMap(([id, marks]) => (this.erased.has(id) ? [] : marks)));
    return [...this.erased].flatMap((id) => this.#marks.get(id) ?? []).filter((mark) => !left.has(mark));
  }

  async goOn(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.#doSomething();
      this.acknowledged += 1;
    }
  }

  /** Says one thing twice, waits until a worker has made one memory of it, and erases that. */
  async sayTwiceAndErase(): Promise<void> {
    const text = this.#newText();
    const first = await this.#say(text);
    const second = await this.#say(`${text}!`);
    const begun = Date.now();
    for (;;) {
      const variants = await this.#variants();
      if (variants.includes(second)) break;
      if (Date.now() - begun > answeredWithinMs) throw new Error('nobody merged what says the same');
      await sleep(50);
    }
    await this.#erase(first);
    if (!this.erased.has(second)) throw new Error('a variant outlived its memory');
  }

  async #doSomething(): Promise<void> {
    const random = this.#random;
    const ids = [...this.#marks.keys()];
    const dice = random();
    if (dice < 0.35 || ids.length < 3) return this.#add();
    if (dice < 0.5) return this.#query();
    if (dice < 0.56) return this.#cite();
    const id = pick(random, ids.slice(-12));
    if (dice < 0.66) return this.#update(id);
    if (dice < 0.74) return this.#change('forget', 'memory.forgotten', [id, pick(random, ids)]);
    if (dice < 0.8) return this.#change('restore', 'memory.restored', ids.slice(-12));
    if (dice < 0.86) return this.#erase(id);
    if (dice < 0.89) return this.#tier(id);
    if (dice < 0.93) return this.#mark(id, random() < 0.5);
    await this.#unmerge();
  }

  async #add(): Promise<void> {
    const isAgain = this.#random() < 0.5 && this.#texts.length > 0;
    const before = isAgain ? pick(this.#random, this.#texts) : '';
    // The same text once more, or one that says the same, which is merged with it in the background.
    await this.#say(isAgain ? (this.#random() < 0.5 ? before : `${before}!`) : this.#newText());
  }

  async #say(content: string): Promise<string> {
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.add.mutate({ content, space: this.space, idempotencyKey }),
    );
    if (!answer) throw new Error('an add was refused');
    const { id } = answer.memory;
    this.#remember(id, content);
    this.facts.push(answer.isDuplicate ? `said again ${id}` : `memory.added ${id}`);
    return id;
  }

  async #query(): Promise<void> {
    const input = { query: pick(this.#random, topics), conversationId: 'talk', limit: 12, space: this.space };
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.query.mutate({ ...input, idempotencyKey }),
    );
    if (!answer?.recallId) throw new Error('a query was refused, or not recorded');
    const ids = answer.memories.map((memory) => memory.id);
    this.#recalls.push({ recallId: answer.recallId, ids });
    this.shown.set(answer.recallId, ids);
    this.facts.push(`recalled ${answer.recallId}`);
  }

  async #cite(): Promise<void> {
    const recall = this.#recalls.at(-1);
    const memoryIds = recall?.ids.slice(0, 2) ?? [];
    if (!recall || memoryIds.length === 0) return;
    const { recallId } = recall;
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.cite.mutate({ recallId, memoryIds, space: this.space, idempotencyKey }),
    );
    for (const id of answer?.cited ?? []) this.facts.push(`memory.cited ${id}`);
  }

  async #update(memoryId: string): Promise<void> {
    const content = this.#newText();
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.update.mutate({ memoryId, content, space: this.space, idempotencyKey }),
    );
    if (!answer) return;
    this.#remember(memoryId, content);
    this.facts.push(`memory.updated ${memoryId}`);
  }

  async #change(operation: 'forget' | 'restore', type: string, ids: readonly string[]): Promise<void> {
    const memoryIds = [...new Set(ids)].filter((id) => !this.erased.has(id));
    if (memoryIds.length === 0) return;
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories[operation].mutate({ memoryIds, space: this.space, idempotencyKey }),
    );
    for (const id of answer?.memoryIds ?? []) this.facts.push(`${type} ${id}`);
  }

  async #erase(id: string): Promise<void> {
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.erase.mutate({ memoryIds: [id], space: this.space, idempotencyKey }),
    );
    // Not found: the server that started finished what the one before had noted and not answered.
    for (const gone of answer?.memoryIds ?? [id]) {
      this.erased.add(gone);
      this.#texts = this.#texts.filter((text) => !this.#marks.get(gone)?.some((mark) => text.includes(mark)));
    }
  }

  async #tier(id: string): Promise<void> {
    const reason = `because ${this.#newMark(id)}`;
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.setTier.mutate({ memoryIds: [id], tier: 'stable', reason, space: this.space, idempotencyKey }),
    );
    for (const changed of answer?.memoryIds ?? []) this.facts.push(`memory.tiered ${changed}`);
  }

  async #mark(id: string, catalyst: boolean): Promise<void> {
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.mark.mutate({ memoryIds: [id], catalyst, space: this.space, idempotencyKey }),
    );
    for (const changed of answer?.memoryIds ?? []) this.facts.push(`memory.marked ${changed}`);
  }

  async #unmerge(): Promise<void> {
    const [memoryId] = await this.#variants();
    if (memoryId === undefined) return;
    const answer = await this.#ask((client, idempotencyKey) =>
      client.memories.unmerge.mutate({ memoryId, space: this.space, idempotencyKey }),
    );
    if (answer) this.facts.push(`memory.unmerged ${memoryId}`);
  }

  async #variants(): Promise<readonly string[]> {
    const listed = await this.#ask((client) =>
      client.memories.list.query({ visibility: 'merged', limit: 5, space: this.space }),
    );
    return listed?.memories.map(({ id }) => id) ?? [];
  }

  #newText(): string {
    this.#count += 1;
    const text = `the ${pick(this.#random, topics)} meets the ${pick(this.#random, topics)} at ${this.space}mark${this.#count}x`;
    this.#texts.push(text);
    return text;
  }

  #newMark(id: string): string {
    this.#count += 1;
    const mark = `${this.space}mark${this.#count}x`;
    this.#marks.get(id)?.push(mark);
    return mark;
  }

  #remember(id: string, content: string): void {
    const mark = /\w+mark\d+x/.exec(content)?.[0] ?? content;
    this.#marks.set(id, [...(this.#marks.get(id) ?? []), mark]);
  }

  /** Sends a request until it is answered, every time under the same key; undefined when it is refused. */
  async #ask<T>(send: (client: AnimaClient, key: string) => Promise<T>): Promise<T | undefined> {
    const key = crypto.randomUUID();
    const begun = Date.now();
    while (Date.now() - begun < answeredWithinMs) {
      const [url] = this.#urls();
      try {
        if (url) return await send(createAnimaClient({ url, retries: 0, timeoutMs: 10_000 }), key);
      } catch (error) {
        if (!isAnimaClientError(error)) throw error;
        if (refusals.has(error.code)) return undefined;
        if (!passing.has(error.code)) throw error;
      }
      await sleep(20 + 60 * this.#random());
    }
    throw new Error(`a request was not answered within ${answeredWithinMs} ms`);
  }
}
