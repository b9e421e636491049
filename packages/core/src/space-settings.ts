import { z } from 'zod';

/** How results are ordered: see `ranking.ts` and `structural.ts`. */
export const rankingProfiles = ['hybrid', 'structural'] as const;
export type RankingProfile = (typeof rankingProfiles)[number];

const weight = z.number().min(0, { error: 'must be at least 0' }).max(1, { error: 'must be at most 1' });

const settings = {
  ranking: z.enum(rankingProfiles),
  /** Cosine, 0–1, that a candidate sharing no word with the query needs. */
  similarityThreshold: weight,
  /** Weight of the cosine in the hybrid score. */
  similarityWeight: weight,
  /** Weight of the words in the hybrid score. */
  lexicalWeight: weight,
  /** What the best other candidate of the same conversation adds, as a share of its own score. */
  conversationLift: weight,
  /** What the better of the two turns around a candidate adds, as a share of its score: for transcripts. */
  neighbourTurnLift: weight,
  /** By how much φ raises a score at most. */
  resonanceLift: weight,
  /** Whether a memory of several sentences gets a vector for each as well, from when it is embedded. */
  sentenceVectors: z.boolean(),
  /** Whether φ of what is not accessed any more fades, month by month; it does where nobody says. */
  decay: z.boolean(),
  /** Whether near-duplicates are merged in the background. */
  consolidation: z.boolean(),
  /** Cosine, 0–1, from which two memories may be the same. */
  consolidationThreshold: weight,
  /** Whether near-duplicates are merged only where their words say the same; they are where nobody says. */
  consolidationGuard: z.boolean(),
  /** How long it is kept what a recall returned and why; 0: not at all. */
  receiptRetentionDays: z.int().min(0, { error: 'must be at least 0' }).max(3_650, { error: 'must be at most 3650' }),
  /** How long its events are kept after they were archived, from when they were recorded; for ever where nobody says. */
  archiveRetentionDays: z.int().min(1, { error: 'must be at least 1' }).max(36_500, { error: 'must be at most 36500' }),
};

/**
 * What a space decides for itself. What it leaves open the server decides; what a request says stands
 * above both.
 */
export const spaceSettings = z.strictObject(settings).partial();
export type SpaceSettings = z.output<typeof spaceSettings>;

/** Settings to change: those that are named; null leaves one open again. */
export const spaceSettingsChanges = z.strictObject(orNull(settings)).partial();
export type SpaceSettingsChanges = z.output<typeof spaceSettingsChanges>;

function orNull<Shape extends z.ZodRawShape>(shape: Shape): { [Name in keyof Shape]: z.ZodNullable<Shape[Name]> } {
  const fields = Object.entries(shape).map(([name, field]) => [name, z.nullable(field)]);
  return Object.fromEntries(fields);
}
