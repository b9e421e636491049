import type { LogEvent } from './events.ts';
import {
  type MemoryState,
  type MergeLink,
  type OwnState,
  rememberConversations,
  type Visibility,
  withVariants,
} from './memory-state.ts';
import { fade, resonance, strengthen, weaken } from './resonance.ts';
import type { Tier } from './tiers.ts';

/**
 * Version of the fold's rules. A checkpoint remembers the one it was folded with; a worker that has
 * another refuses to go on until the projection is rebuilt.
 */
export const rulesVersion = 2;

/** A change of a memory's tier, and the event that caused it. */
export interface TierChange {
  readonly memoryId: string;
  readonly position: number;
  readonly from: Tier;
  readonly to: Tier;
  readonly reason: 'access_count' | 'manual' | 'merged' | 'unmerged';
}

/** What is kept of one memory: what its own events say, whose variant it is, and what follows from both. */
export interface MemoryRecord {
  readonly own: OwnState;
  readonly link: MergeLink | undefined;
  readonly state: MemoryState;
}

/** A memory that nothing is merged into. */
export function recordOf(own: OwnState, link?: MergeLink): MemoryRecord {
  return { own, link, state: withVariants(own, []) };
}

/** Records of memories as their own states and links say: what variants count is counted by the ones they are merged into. */
export function recordsOf(
  known: ReadonlyMap<string, { readonly own: OwnState; readonly link: MergeLink | undefined }>,
): Map<string, MemoryRecord> {
  const records = new Map([...known].map(([id, { own, link }]) => [id, recordOf(own, link)] as const));
  const variants = variantsOf(records);
  for (const [id, { link }] of records) if (link) show(records, variants, new Map(), id);
  return records;
}

/**
 * The fold: what events, in log order, make of the memories they name. `records` holds every memory that an
 * event names and that existed before, with all that it is merged with, directly or not; when memories of a
 * space fade, those are all of its memories. It is updated in place.
 *
 * @returns the tier changes, each with the very event that caused it, whatever the batch size.
 * @throws Error when an event names a memory that was never added: the log does not add up.
 */
export function foldMemories(records: Map<string, MemoryRecord>, events: readonly LogEvent[]): TierChange[] {
  const variants = variantsOf(records);
  return events.flatMap((event) => {
    const tiersBefore = new Map<string, Tier>();
    const ids = event.type === 'space.decayed' ? [...records.keys()] : event.memoryIds;
    for (const memoryId of ids) foldInto(records, variants, tiersBefore, event, memoryId);
    return [...tiersBefore].flatMap(([memoryId, from]): TierChange[] => {
      const to = records.get(memoryId)?.state.tier ?? from;
      return to === from ? [] : [{ memoryId, position: event.position, from, to, reason: reasonOf(event) }];
    });
  });
}

type Variants = Map<string, Set<string>>;

function variantsOf(records: ReadonlyMap<string, MemoryRecord>): Variants {
  const variants: Variants = new Map();
  for (const [id, { link }] of records) if (link) addVariant(variants, link.survivor, id);
  return variants;
}

function addVariant(variants: Variants, survivor: string, id: string): void {
  const known = variants.get(survivor);
  if (known) known.add(id);
  else variants.set(survivor, new Set([id]));
}

function foldInto(
  records: Map<string, MemoryRecord>,
  variants: Variants,
  tiersBefore: Map<string, Tier>,
  event: LogEvent,
  memoryId: string,
): void {
  const before = records.get(memoryId);
  if (!before) {
    if (event.type === 'memory.added') records.set(memoryId, recordOf(added(event)));
    else throw new Error(`event ${event.position} of shard ${event.shard} names a memory that was never added`);
    return;
  }
  const link = linkAfter(before.link, memoryId, event);
  const own = ownAfter(before, memoryId, event);
  if (link === before.link && own === before.own) return;
  if (link !== before.link) {
    if (before.link) variants.get(before.link.survivor)?.delete(memoryId);
    if (link) addVariant(variants, link.survivor, memoryId);
  }
  records.set(memoryId, { own, link, state: before.state });
  // What a variant counts is counted by the one it is merged into, and no more by the one it left.
  show(records, variants, tiersBefore, memoryId);
  if (before.link && !link) show(records, variants, tiersBefore, before.link.survivor);
}

/** Makes the state of a memory, and of those it is merged into, anew. */
function show(
  records: Map<string, MemoryRecord>,
  variants: Variants,
  tiersBefore: Map<string, Tier>,
  memoryId: string,
): void {
  const record = records.get(memoryId);
  if (!record) throw new Error(`memory ${memoryId} was merged into, and never added`);
  const merged = variants.get(memoryId);
  if (!tiersBefore.has(memoryId)) tiersBefore.set(memoryId, record.state.tier);
  records.set(memoryId, { ...record, state: withVariants(record.own, merged ? inOrder(records, merged) : []) });
  if (record.link) show(records, variants, tiersBefore, record.link.survivor);
}

/** Variants in the order of their merging. */
function inOrder(records: ReadonlyMap<string, MemoryRecord>, ids: ReadonlySet<string>) {
  return [...ids]
    .flatMap((id) => {
      const record = records.get(id);
      return record?.link ? [{ ...record.link, state: record.state }] : [];
    })
    .sort((a, b) => a.position - b.position);
}

function reasonOf({ type }: LogEvent): TierChange['reason'] {
  if (type === 'memory.tiered') return 'manual';
  if (type === 'memory.merged') return 'merged';
  return type === 'memory.unmerged' ? 'unmerged' : 'access_count';
}

function linkAfter(link: MergeLink | undefined, memoryId: string, event: LogEvent): MergeLink | undefined {
  if (event.type === 'memory.merged' && event.payload.merged === memoryId) {
    const { survivor, similarity } = event.payload;
    return { survivor, similarity, position: event.position };
  }
  return event.type === 'memory.unmerged' && event.payload.merged === memoryId ? undefined : link;
}

/** What one event makes of the own state of one of the memories it names. */
function ownAfter({ own, state }: MemoryRecord, memoryId: string, event: LogEvent): OwnState {
  switch (event.type) {
    case 'memory.added':
      return added(event);
    case 'memory.accessed': {
      const { payload } = event;
      if (payload.via === 'query') return access(own, event);
      const seen = access(own, event);
      return mark(payload.revived ? { ...seen, visibility: 'live' } : seen, payload.catalyst || own.isCatalyst);
    }
    case 'memory.cited':
      return { ...own, phi: strengthen(own.phi, resonance.citation) };
    case 'memory.tiered':
      return { ...own, tierSet: event.payload.tier, tierSetAt: state.accessCount };
    case 'memory.marked':
      return mark(own, event.payload.catalyst);
    case 'memory.merged':
      return memoryId === event.payload.merged ? see(own, 'merged') : own;
    case 'memory.unmerged':
      return memoryId === event.payload.merged ? see(own, 'live') : own;
    case 'memory.forgotten':
      return see(own, 'hidden');
    case 'memory.restored':
      return see(own, 'live');
    case 'memory.expired':
      return see(own, 'expired');
    case 'memory.erased':
      return see(own, 'erased');
    case 'space.decayed': {
      const { cutoff, factor } = event.payload;
      const phi = own.lastAccessed < cutoff ? fade(own.phi, factor) : own.phi;
      return phi === own.phi ? own : { ...own, phi };
    }
    case 'memory.updated':
    case 'space.configured':
    case 'space.reembedded':
      return own;
  }
}

function added(event: LogEvent & { readonly type: 'memory.added' }): OwnState {
  const { catalyst } = event.payload;
  return {
    tierSet: 'active',
    tierSetAt: 0,
    accessCount: 0,
    phi: catalyst ? resonance.catalyst : 0,
    isCatalyst: catalyst,
    lastAccessed: event.recordedAt,
    conversations: event.conversationId === null ? [] : [event.conversationId],
    visibility: 'live',
  };
}

function access(own: OwnState, { recordedAt, conversationId }: LogEvent): OwnState {
  return {
    ...own,
    accessCount: own.accessCount + 1,
    phi: strengthen(own.phi, resonance.access),
    lastAccessed: recordedAt,
    conversations: rememberConversations(own.conversations, conversationId === null ? [] : [conversationId]),
  };
}

/** Being a catalyst is worth φ 1.0, which goes with it when it ends. */
function mark(own: OwnState, catalyst: boolean): OwnState {
  if (catalyst === own.isCatalyst) return own;
  const phi = catalyst ? strengthen(own.phi, resonance.catalyst) : weaken(own.phi, resonance.catalyst);
  return { ...own, isCatalyst: catalyst, phi };
}

function see(own: OwnState, visibility: Visibility): OwnState {
  return visibility === own.visibility ? own : { ...own, visibility };
}
