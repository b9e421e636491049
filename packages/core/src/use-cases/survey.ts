import type { ActivityInput, ListSpacesInput, OverviewInput } from '../inputs/survey.ts';
import type { Activity, SpaceOverview, SpaceSummary, SurveyStore } from '../ports/survey.ts';
import type { MemoryStore } from '../ports.ts';

export interface SpacesResult {
  readonly spaces: readonly SpaceSummary[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

export interface ActivityResult {
  /** The newest first. */
  readonly activity: readonly Activity[];
}

/**
 * Spaces by name.
 *
 * @param among none but these; undefined is all
 */
export async function listSpaces(
  store: SurveyStore,
  { search, cursor, limit }: ListSpacesInput,
  among?: readonly string[],
): Promise<SpacesResult> {
  const found = await store.listSpaces({ search, after: cursor, among, limit });
  const spaces = found.slice(0, limit);
  return { spaces, next: found.length > limit ? (spaces.at(-1)?.space ?? null) : null };
}

/** What a space holds, in numbers. */
export async function overviewOfSpace(
  store: MemoryStore & SurveyStore,
  { space }: OverviewInput,
): Promise<SpaceOverview> {
  return store.overviewOf(await store.openSpace(space));
}

/** What lately became of memories: tiers they were raised to, duplicates they took in. */
export async function recentActivity(
  store: MemoryStore & SurveyStore,
  { space, limit }: ActivityInput,
): Promise<ActivityResult> {
  return { activity: await store.readActivity(await store.openSpace(space), limit) };
}
