import type { Visibility } from '../memory-state.ts';
import type { EmbeddingModel, Space } from '../ports.ts';
import type { SpaceSettings } from '../space-settings.ts';
import type { Tier } from '../tiers.ts';

/** A space as a list shows it. */
export interface SpaceSummary {
  readonly space: string;
  readonly model: EmbeddingModel;
  readonly settings: SpaceSettings;
  readonly createdAt: string;
}

export interface SpacesPage {
  /** Those whose name contains this. */
  readonly search: string | undefined;
  /** Those after this name. */
  readonly after: string | undefined;
  /** None but these; undefined is all. */
  readonly among?: readonly string[] | undefined;
  readonly limit: number;
}

/** How wide the classes are that φ is counted in. */
export const resonanceClass = 0.5;

/** What a space holds, in numbers. */
export interface SpaceOverview {
  /** When it was counted, ISO 8601: a large space is not counted anew for everybody who asks. */
  readonly countedAt: string;
  /** Live memories of each tier. */
  readonly tiers: Readonly<Record<Tier, number>>;
  /** Live memories by φ, in classes of 0.5 from 0 to 5; the last one holds 5 too. */
  readonly resonance: readonly number[];
  /** Memories that are not live, by what became of them; without the erased. */
  readonly others: Readonly<Record<Exclude<Visibility, 'live' | 'erased'>, number>>;
  /** How many live memories there were at ends of equal stretches of time, by when they were added. */
  readonly growth: readonly { readonly at: string; readonly memories: number }[];
}

/** Something that changed what a memory is: it was raised to another tier, or took another one in. */
export type Activity = {
  /** Place in the log of the space's shard. */
  readonly position: number;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly memoryId: string;
  /** How its current content begins; null when it was erased. */
  readonly excerpt: string | null;
} & (
  | { readonly type: 'tier'; readonly from: Tier; readonly to: Tier; readonly reason: string }
  | { readonly type: 'merge'; readonly merged: string; readonly similarity: number }
);

/** What somebody wants to know who looks at spaces as a whole. */
export interface SurveyStore {
  /** By name, one more than `limit` where there are more. */
  listSpaces(page: SpacesPage): Promise<readonly SpaceSummary[]>;
  /** @throws AnimaError `OVERLOADED` when the space is too large to be counted in the time there is */
  overviewOf(space: Space): Promise<SpaceOverview>;
  /** The newest first. */
  readActivity(space: Space, limit: number): Promise<readonly Activity[]>;
}
