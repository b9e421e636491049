import type { MemoryChanges, SpaceSettingsChanges, Tier, Visibility } from '@anima/core';
import fc from 'fast-check';
import { newMemory } from '../new-memory.ts';
import type { LifeModel } from './model.ts';
import type { Request } from './requests.ts';

/** What a step does, before it is known which memories there are. */
interface Wish {
  readonly kind: Request['kind'] | 'retry';
  readonly isKeyed: boolean;
  readonly which: readonly { readonly index: number; readonly among: Visibility | 'any' }[];
  readonly contents: readonly number[];
  readonly conversationId: string | null;
  readonly flag: boolean;
  readonly number: number;
  readonly tier: Tier;
  readonly details: {
    readonly category: 'home' | null;
    readonly tags: readonly string[];
    readonly source: 'diary' | null;
    readonly occurredAt: string | null;
    readonly expiresAt: string | null;
  };
}

const topics = ['oak', 'ash', 'elm', 'fir', 'yew'];
const past = '2020-02-02T20:20:20.000Z';
const future = '2999-09-09T09:09:09.000Z';

const kinds: Record<Wish['kind'], number> = {
  ...{ add: 9, query: 6, cite: 3, update: 4, forget: 3, restore: 3, erase: 2, setTier: 2, mark: 2 },
  ...{ merge: 5, unmerge: 3, decay: 1, expire: 2, configure: 1, retry: 3 },
};

const likely: Partial<Record<Wish['kind'], Visibility>> = {
  restore: 'hidden',
  unmerge: 'merged',
  merge: 'live',
  update: 'live',
};

const wish: fc.Arbitrary<Wish> = fc
  .oneof(...Object.entries(kinds).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Wish['kind']) })))
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      isKeyed: fc.boolean(),
      which: fc.array(
        fc.record({
          index: fc.nat(40),
          among: fc.oneof(
            { weight: 4, arbitrary: fc.constant(likely[kind] ?? 'any') },
            { weight: 1, arbitrary: fc.constantFrom('any', 'live', 'hidden', 'expired', 'merged') },
          ) as fc.Arbitrary<Visibility | 'any'>,
        }),
        { minLength: 2, maxLength: 4 },
      ),
      contents: fc.array(fc.nat(17), { minLength: 1, maxLength: 4 }),
      conversationId: fc.option(
        fc.nat(19).map((n) => `talk ${n}`),
        { nil: null },
      ),
      flag: fc.boolean(),
      number: fc.nat(30),
      tier: fc.constantFrom('active', 'thread', 'stable', 'network'),
      details: fc.record({
        category: fc.constantFrom('home' as const, null),
        tags: fc.subarray(['red', 'blue']),
        source: fc.constantFrom('diary' as const, null),
        occurredAt: fc.constantFrom(null, past),
        expiresAt: fc.constantFrom(null, null, past, future),
      }),
    }),
  );

/** What happens next: one request, several at once, a worker's batch, or the end of the process. */
export type Step =
  | { readonly type: 'request'; readonly wish: Wish; readonly embeds: boolean }
  | { readonly type: 'burst'; readonly wishes: readonly Wish[]; readonly crashesAfterMs: number | undefined }
  | { readonly type: 'fold' | 'count'; readonly size: number }
  | { readonly type: 'look' | 'reopen' };

export function steps(crashes: number): fc.Arbitrary<Step> {
  const at = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
  const burst = (crashesAfterMs: fc.Arbitrary<number | undefined>) =>
    fc.record({
      type: fc.constant('burst' as const),
      wishes: fc.array(wish, { minLength: 2, maxLength: 6 }),
      crashesAfterMs,
    });
  return fc.oneof(
    at(300, fc.record({ type: fc.constant('request' as const), wish, embeds: fc.boolean() })),
    at(30, burst(fc.constant(undefined))),
    at(crashes, burst(fc.nat(25))),
    at(
      40,
      fc.record({ type: fc.constantFrom('fold' as const, 'count' as const), size: fc.integer({ min: 1, max: 9 }) }),
    ),
    at(6, fc.constant({ type: 'look' })),
    at(crashes, fc.constant({ type: 'reopen' })),
  );
}

/** Something that no space has. */
const nobody = '00000000-0000-7000-8000-000000000000';

/** Makes requests of wishes: of the memories that there are by now, with texts that no other run says. */
export class Requests {
  readonly #run: string;
  readonly #keyed: Request[] = [];

  constructor(run: string) {
    this.#run = run;
  }

  /** Undefined when there is nothing yet that it could be about. */
  from(model: LifeModel, wish: Wish): Request | undefined {
    if (wish.kind === 'retry') return this.#retry(wish);
    const body = this.#body(model, wish);
    if (!body || !wish.isKeyed || wish.kind === 'decay' || wish.kind === 'expire') return body;
    if (body.kind === 'query' && !body.record) return body;
    const request = { ...body, key: `key ${this.#keyed.length}` };
    this.#keyed.push(request);
    return request;
  }

  /** One that was sent before; or, under its key, something else. */
  #retry({ number, contents: [content = 0] }: Wish): Request | undefined {
    const before = this.#keyed[this.#keyed.length - 1 - (number % Math.max(1, this.#keyed.length))];
    if (!before || content > 2) return before;
    return { kind: 'configure', changes: { decay: content > 0 }, key: before.key };
  }

  #body(model: LifeModel, wish: Wish): Request | undefined {
    const { kind, flag, number, tier, conversationId, details } = wish;
    const ids = wish.which.map(({ index, among }) => choose(model, index, among));
    const [id = nobody, other = nobody] = ids;
    const some = ids.slice(0, 1 + (number % ids.length));
    switch (kind) {
      case 'add': {
        const more = { ...details, conversationId, isCatalyst: flag && number < 15 };
        return { kind, memories: wish.contents.map((index) => newMemory(this.#text(index), more)) };
      }
      case 'query': {
        const filters = number < 5 ? { category: 'home' } : {};
        const text = [...new Set([topics[number % 5], topics[(number * 3 + 1) % 5]])].join(' ');
        return { kind, text, conversationId, record: number % 6 > 0, filters };
      }
      case 'cite': {
        const recalls = [...model.recalls];
        const [recallId, recall] = recalls[recalls.length - 1 - (number % Math.max(1, recalls.length))] ?? [];
        if (!recall || recallId === undefined || recall.ids.length === 0) return undefined;
        return { kind, recallId, ids: number % 10 === 9 ? [id] : recall.ids.slice(0, 1 + (number % 3)) };
      }
      case 'update':
        return { kind, id, changes: this.#changes(wish) };
      case 'forget':
      case 'restore':
      case 'erase':
        return { kind, ids: some };
      case 'setTier':
        return { kind, ids: some, tier, ...(flag ? { reason: `reason ${this.#run}n${pad(number)}` } : {}) };
      case 'mark':
        return { kind, ids: some, catalyst: flag };
      case 'merge':
        return { kind, pair: [id, other], similarity: flag ? 0.985 : 0.96 };
      case 'unmerge':
        return { kind, id };
      case 'decay': {
        const times = [...model.lives.values()].map(({ lastAccessed }) => lastAccessed).toSorted();
        return {
          kind,
          cutoff: (times[number % Math.max(1, times.length)] ?? 0) + (flag ? 1 : 0),
          factor: 800 + number,
        };
      }
      case 'expire':
        return { kind };
      case 'configure': {
        const changes: SpaceSettingsChanges = { decay: flag, similarityWeight: number > 20 ? null : number / 100 };
        return { kind, changes };
      }
      case 'retry':
        return undefined;
    }
  }

  #changes({ contents: [index = 0], flag, number, details }: Wish): MemoryChanges {
    const content = flag ? { content: this.#text(index) } : {};
    if (number % 3 === 0) return { ...content, expiresAt: details.expiresAt };
    if (number % 3 === 1) return { ...content, ...details };
    return { ...content, tags: details.tags };
  }

  #text(index: number): string {
    return `${topics[index % 5]} ${topics[(index * 2 + 1) % 5]} ${this.#run}w${pad(index)}`;
  }
}

const pad = (number: number) => String(number).padStart(2, '0');

/** A memory that is as wished, or any where there is none; now and then one that does not exist. */
function choose(model: LifeModel, index: number, among: Visibility | 'any'): string {
  const all = [...model.lives.values()];
  const wished = all.filter(({ visibility }) => among === 'any' || visibility === among);
  const from = wished.length > 0 ? wished : all;
  if (index === 40) return nobody;
  return from[index % Math.max(1, from.length)]?.id ?? nobody;
}
