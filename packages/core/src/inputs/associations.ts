import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { share, space, wholeNumber } from './fields.ts';

const memoryId = z.uuid();

/** Only associations that are at least this strong, 0–1. */
const minStrength = share.optional();

export const discoverInput = z.strictObject({
  memoryId,
  minStrength,
  limit: wholeNumber(1, limits.discovered).default(defaults.discovered),
  space,
});

export const graphInput = z.strictObject({
  memoryId,
  /** How many associations away the farthest memories are. */
  depth: wholeNumber(1, limits.graphDepth).default(defaults.graphDepth),
  minStrength,
  maxNodes: wholeNumber(1, limits.graphNodes).default(defaults.graphNodes),
  /** How many associations are followed from one memory, the strongest first. */
  perNode: wholeNumber(1, limits.graphPerNode).default(defaults.graphPerNode),
  space,
});

export const hubsInput = z.strictObject({
  limit: wholeNumber(1, limits.hubs).default(defaults.hubs),
  /** Only memories that are associated with at least as many others. */
  minConnections: wholeNumber(1, limits.minConnections).default(defaults.minConnections),
  space,
});

export const networkStatsInput = z.strictObject({
  /** One memory to describe beside its space. */
  memoryId: memoryId.optional(),
  space,
});

/** What a caller may send; defaults are still open. */
export type DiscoverRequest = z.input<typeof discoverInput>;
export type GraphRequest = z.input<typeof graphInput>;
export type HubsRequest = z.input<typeof hubsInput>;
export type NetworkStatsRequest = z.input<typeof networkStatsInput>;

/** What a use case works with: checked, defaults filled in. */
export type DiscoverInput = z.output<typeof discoverInput>;
export type GraphInput = z.output<typeof graphInput>;
export type HubsInput = z.output<typeof hubsInput>;
export type NetworkStatsInput = z.output<typeof networkStatsInput>;
