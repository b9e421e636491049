import type { Floors } from '@anima/store/floors';
import { repeatedQueries } from '../mix/dialogue.ts';
import { pick, type Random } from '../random.ts';
import type { HttpRequest } from './http-request.ts';

/** The space that is read, and the one that is added to, so that the first stays as large as it is. */
export const spaces = { read: 'capacity', written: 'capacity-added' } as const;

/** The operations whose capacity is measured, as any client would send them. */
export type Served = 'query' | 'add' | 'bootstrap' | 'no-op';

/** A statement by itself. */
export type Floor = Exclude<keyof Floors, symbol>;

/** The floor of each operation: what it would do if it did nothing but its statement. */
export const floorOf: Readonly<Record<Served, Floor>> = {
  query: 'hybrid',
  add: 'append',
  bootstrap: 'readBootstrap',
  'no-op': 'select1',
};

/** What a person reads. */
export const floorNames: Readonly<Record<Floor, string>> = {
  hnsw: 'bare HNSW',
  hybrid: 'bare hybrid statement',
  append: 'bare append',
  readBootstrap: 'bare bootstrap statement',
  select1: 'select 1',
};

/**
 * The operations in the order in which they are measured: last what makes the database larger, as the copy of it that
 * the floors read does not grow with it.
 */
export const servedInParts: readonly (readonly Served[])[] = [['query', 'bootstrap', 'no-op'], ['add']];

/** Whatever leaves more memories and vectors behind. */
export const growing: ReadonlySet<Served | Floor> = new Set(['add', 'append']);

/** Operations that leave events behind, which have to be folded. */
export const recorded: ReadonlySet<Served> = new Set(['query', 'add']);

/**
 * Each call is one more request.
 *
 * @param place the spaces of the next one
 */
export function requestsOf(
  random: Random,
  nextContent: () => string,
  place: () => { readonly read: string; readonly written: string } = () => spaces,
): Readonly<Record<Served, () => HttpRequest>> {
  // Headers of its own for each: autocannon writes into them.
  const post = (path: string, body: object): HttpRequest => ({
    ...{
      method: 'POST',
      path: `/api/v1/memories/${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
  });
  const get = (path: string): HttpRequest => ({ method: 'GET', path, headers: {} });
  const conversation = () => `user-${Math.floor(50 * random())}`;
  return {
    query: () =>
      post('query', {
        ...{ query: pick(random, repeatedQueries), limit: 20, conversationId: conversation(), space: place().read },
      }),
    add: () => post('add', { content: nextContent(), conversationId: conversation(), space: place().written }),
    bootstrap: () => get(`/api/v1/memories/bootstrap?limit=50&space=${place().read}`),
    'no-op': () => get('/trpc/meta.health'),
  };
}
