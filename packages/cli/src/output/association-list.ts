import type { AssociatedMemory, Association, Hub, NetworkStats, PotentialCatalyst } from '@anima/client';
import { age } from './age.ts';
import { bold } from './colours.ts';
import { renderMemory } from './memory-list.ts';
import { shareBar } from './share-bar.ts';

/** What a memory is associated with; bars are shares of the strongest. */
export function renderAssociations(associations: readonly Association[]): string {
  const strongest = Math.max(...associations.map(({ strength }) => strength));
  return associations
    .map(({ memory, strength, count, lastAt }, index) =>
      renderMemory(index + 1, `${strengthBar(strength, strongest)}  ${times(count)}, last ${age(lastAt)}`, memory),
    )
    .join('\n');
}

/** What is associated with the results of a query. */
export function renderAssociated(associated: readonly AssociatedMemory[]): string {
  const strongest = Math.max(...associated.map(({ strength }) => strength));
  return associated
    .map(({ memory, strength, count, via }, index) =>
      renderMemory(index + 1, `${strengthBar(strength, strongest)}  ${times(count)} with ${via}`, memory),
    )
    .join('\n');
}

/** The most connected memories; bars are shares of the most connections. */
export function renderHubs(hubs: readonly Hub[]): string {
  const most = Math.max(...hubs.map(({ connections }) => connections));
  return hubs
    .map(({ memory, connections, meanStrength }, index) => {
      const lead = `${bold(String(connections))} ${shareBar(connections / most)}  mean strength ${meanStrength.toFixed(3)}`;
      return renderMemory(index + 1, lead, memory);
    })
    .join('\n');
}

/** Numbers of a network, and how many pairs are how strong. */
export function renderNetwork({ memories, memory, ...network }: NetworkStats): string {
  const lines = [
    bold(`${memories} memories are associated, in ${network.pairs} pairs`),
    ...strengths(network),
    ...(memory
      ? ['', `${memory.memoryId} is associated with ${memory.connections} of them`, ...strengths(memory)]
      : []),
  ];
  return lines.join('\n');
}

/** Memories that could be catalysts, and what speaks for each. */
export function renderPotential(potential: readonly PotentialCatalyst[]): string {
  return potential
    .map(({ memory, reasons }, index) => renderMemory(index + 1, reasons.map(reasonText).join(', '), memory))
    .join('\n');
}

export function strengthBar(strength: number, strongest: number): string {
  return `${bold(strength.toFixed(3))} ${shareBar(strongest === 0 ? 0 : strength / strongest)}`;
}

function strengths({
  meanStrength,
  maxStrength,
  distribution,
}: Pick<NetworkStats, 'meanStrength' | 'maxStrength' | 'distribution'>): string[] {
  const most = Math.max(1, ...distribution.map(({ pairs }) => pairs));
  return [
    `  strength: mean ${meanStrength.toFixed(3)}, at most ${maxStrength.toFixed(3)}`,
    ...distribution.map(
      ({ from, to, pairs }) => `  ${from.toFixed(2)}–${to.toFixed(2)} ${shareBar(pairs / most, 24)} ${pairs}`,
    ),
  ];
}

function reasonText(reason: PotentialCatalyst['reasons'][number]): string {
  switch (reason.kind) {
    case 'accesses':
      return `${reason.count} accesses within ${reason.withinMinutes} minutes`;
    case 'associations':
      return `${reason.count} associations`;
    case 'marker':
      return `says "${reason.word}"`;
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
