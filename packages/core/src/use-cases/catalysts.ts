import { summariseStrengths } from '../associations.ts';
import { type CatalystReason, catalystMarkers, catalystReasons, catalystSigns, densestAccesses } from '../catalysts.ts';
import type { CatalystsInput, PotentialCatalystsInput } from '../inputs/catalysts.ts';
import type { Memory } from '../memory.ts';
import type { CatalystStore } from '../ports/catalysts.ts';
import { type AssociationReads, liveMemories } from './live-memory.ts';

/** How many memories are looked at for each kind of reason: those it speaks for most. */
const candidatesPerReason = 100;

export interface CatalystsResult {
  /** The highest φ first. */
  readonly catalysts: readonly Memory[];
  readonly count: number;
}

export interface PotentialCatalyst {
  readonly memory: Memory;
  readonly reasons: readonly CatalystReason[];
}

export interface PotentialCatalystsResult {
  /** Those with the most reasons first, within them the highest φ. */
  readonly potential: readonly PotentialCatalyst[];
  readonly count: number;
  /** From when on accesses were looked at: ISO 8601, UTC; null when there were none. */
  readonly accessesSince: string | null;
}

/** The catalysts of a space. */
export async function topCatalysts(
  store: AssociationReads & CatalystStore,
  input: CatalystsInput,
): Promise<CatalystsResult> {
  const space = await store.openSpace(input.space);
  const catalysts = await liveMemories(store, space, await store.catalysts(space, input.limit));
  return { catalysts, count: catalysts.length };
}

/**
 * Memories that could be catalysts, and why. It changes nothing: whether one is a catalyst is the caller's to say.
 *
 * @throws AnimaError `OVERLOADED` when the space has more pairs than can be counted in the time there is
 */
export async function potentialCatalysts(
  store: AssociationReads & CatalystStore,
  input: PotentialCatalystsInput,
): Promise<PotentialCatalystsResult> {
  const space = await store.openSpace(input.space);
  const [window, connected, marked] = await Promise.all([
    store.recentAccesses(space, { least: catalystSigns.accesses, since: input.since }),
    store.hubs(space, {
      limit: candidatesPerReason,
      minConnections: catalystSigns.associations,
      exceptCatalysts: true,
    }),
    store.memoriesWithWords(space, catalystMarkers, candidatesPerReason),
  ]);
  const accesses = new Map(window.accesses.map(({ memoryId, times }) => [memoryId, times]));
  const hubs = new Set(connected.map(({ memoryId }) => memoryId));
  const others = [...new Set([...mostAccessed(accesses), ...marked])].filter((id) => !hubs.has(id));
  const [memories, connections] = await Promise.all([
    liveMemories(store, space, [...hubs, ...others]),
    others.length === 0 ? [] : store.connections(space, others),
  ]);
  const known = [...connected, ...connections];
  const degrees = new Map(known.map(({ memoryId, counts }) => [memoryId, summariseStrengths(counts).pairs]));
  const potential = memories
    .filter(({ isCatalyst }) => !isCatalyst)
    .map((memory) => {
      const accessTimes = accesses.get(memory.id) ?? [];
      const evidence = { accessTimes, connections: degrees.get(memory.id) ?? 0, content: memory.content };
      return { memory, reasons: catalystReasons(evidence) };
    })
    .filter(({ reasons }) => reasons.length > 0)
    .toSorted(byReasons)
    .slice(0, input.limit);
  return { potential, count: potential.length, accessesSince: window.since };
}

function mostAccessed(accesses: ReadonlyMap<string, readonly number[]>): string[] {
  return [...accesses]
    .map(([id, times]) => ({ id, count: densestAccesses(times) }))
    .filter(({ count }) => count >= catalystSigns.accesses)
    .toSorted((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, candidatesPerReason)
    .map(({ id }) => id);
}

function byReasons(a: PotentialCatalyst, b: PotentialCatalyst): number {
  return (
    b.reasons.length - a.reasons.length ||
    b.memory.resonancePhi - a.memory.resonancePhi ||
    (a.memory.id < b.memory.id ? -1 : 1)
  );
}
