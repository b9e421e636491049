import type { ListOrder, ListPlace, Selection, Space } from '@anima/core';
import type { Measured } from '@anima/store/measured';

/** Something that the console asks for, to be measured in a large space and in a small one. */
export interface Read {
  readonly screen: string;
  readonly what: string;
  readonly run: (space: Space) => Promise<unknown>;
  /** Of all that the space holds, and so the longer the more that is; the others read a page. */
  readonly ofAll?: true;
  /** The second who asks hears what the first was told. */
  readonly isKept?: true;
}

const pageSize = 100;
const live = { visibility: 'live' } as const;

/** What the screens ask the store for, page by page and as a whole. */
export function readsOf({ store, run }: Measured): readonly Read[] {
  const list =
    (order: ListOrder, descending: boolean, selection: Partial<Selection> = {}, after?: ListPlace) =>
    (space: Space) =>
      store.list(space, { order, descending, after, limit: pageSize, selection: { ...live, ...selection } });
  /** A page from the middle on, as one comes to it by scrolling. */
  const placeOf = async (space: Space, column: string) => {
    const [place] = await run<{ value: string; memoryId: string }>(
      `select ${column}::text as value, m.memory_id as "memoryId" from memories m join memory_state s using (shard, space_id, memory_id)
       where m.shard = $1 and m.space_id = $2 and m.created_at <= (
         select min(created_at) + (max(created_at) - min(created_at)) / 2 from memories where shard = $1 and space_id = $2
           and visibility = 'live') and m.visibility = 'live' order by m.created_at desc limit 1`,
      [space.shard, space.id],
    );
    return place;
  };
  const places = new Map<string, Promise<ListPlace | undefined>>();
  const deepList = (order: ListOrder, column: string) => async (space: Space) => {
    const key = `${space.id} ${order}`;
    const place = await (places.get(key) ?? places.set(key, placeOf(space, column)).get(key));
    return list(order, true, {}, place)(space);
  };
  const log = (wanted: Partial<Parameters<typeof store.readLog>[1]>) => (space: Space) =>
    store.readLog(space, {
      ...{ types: undefined, memoryId: undefined, conversationId: undefined, after: 0, before: undefined, limit: 50 },
      ...wanted,
    });
  const memories = (what: string, work: Read['run']): Read => ({ screen: 'memories', what, run: work });
  const events = (what: string, work: Read['run']): Read => ({ screen: 'events', what, run: work });
  const whole = (screen: string, what: string, work: Read['run']): Read => ({ screen, what, run: work, ofAll: true });
  return [
    memories('the newest', list('created', true)),
    memories('the oldest', list('created', false)),
    memories('the newest, from the middle on', deepList('created', 'm.created_at')),
    memories('by φ', list('resonance', true)),
    memories('by φ, lowest first', list('resonance', false)),
    memories('by φ, from the middle on', deepList('resonance', 's.phi')),
    memories('last accessed', list('accessed', true)),
    memories('last accessed, from the middle on', deepList('accessed', 's.last_accessed')),
    memories('of a tier, the newest', list('created', true, { tiers: ['stable'] })),
    memories('of a tier that none has, the newest', list('created', true, { tiers: ['network'] })),
    memories('of a category, the newest', list('created', true, { category: 'category 3' })),
    memories('of a category, by φ', list('resonance', true, { category: 'category 3' })),
    memories('of a tag, the newest', list('created', true, { tags: ['tag 3'] })),
    memories('of a rare source, the newest', list('created', true, { source: 'source 50' })),
    memories('of a source that is none', list('created', true, { source: 'nobody' })),
    memories('catalysts, the newest', list('created', true, { isCatalyst: true })),
    memories('catalysts, by φ', list('resonance', true, { isCatalyst: true })),
    memories('two words that many have', list('created', true, { words: 'person3 topic' })),
    memories('a word that one in a thousand has', list('created', true, { words: 'topic77' })),
    memories('a word that one in a thousand has, by φ', list('resonance', true, { words: 'topic77' })),
    memories('a word that nobody has', list('created', true, { words: 'nosuchword' })),
    memories('forgotten ones', list('created', true, { visibility: 'hidden' })),
    memories('forgotten ones, by φ', list('resonance', true, { visibility: 'hidden' })),
    memories('that wait for their vector', list('created', true, { isPending: true })),
    events('the newest', log({})),
    events('merges', log({ types: ['memory.merged'] })),
    events('of a type that one in ten is', log({ types: ['memory.accessed'] })),
    events('of a type that none is', log({ types: ['memory.cited'] })),
    events('of a memory', log({ memoryId: '00000000-0000-7000-8000-000000000155' })),
    events('of a conversation', log({ conversationId: 'nobody’s' })),
    events('how far projections are', () => store.checkpoints()),
    { screen: 'overview', what: 'promotions and merges', run: (space) => store.readActivity(space, 30) },
    { screen: 'overview', what: 'gauges of the workers', run: () => store.gauges() },
    {
      screen: 'consolidation',
      what: 'merges',
      run: (space) => store.readMerges(space, { before: undefined, limit: 20 }),
    },
    { ...whole('overview', 'tiers, φ, growth', (space) => store.overviewOf(space)), isKept: true },
    whole('associations', 'the strongest pairs', (space) =>
      store.strongestPairs(space, { leastCount: 1, limit: 20_000 }),
    ),
    whole('associations', 'hubs', (space) => store.hubs(space, { limit: 20, minConnections: 1 })),
    whole('associations', 'distribution', (space) => store.network(space)),
  ];
}
