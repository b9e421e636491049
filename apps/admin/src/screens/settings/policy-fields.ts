import type { SpaceSettings } from '@anima/client';

export type SettingName = keyof SpaceSettings;

interface Field {
  readonly label: string;
  readonly description: string;
  readonly kind: 'ranking' | 'flag' | 'share' | 'days';
}

/** What a space may decide for itself, in the words of a person who has to. */
export const policyFields: Readonly<Record<SettingName, Field>> = {
  ranking: { label: 'Ranking', description: 'How results are ordered', kind: 'ranking' },
  similarityThreshold: {
    label: 'Similarity threshold',
    description: 'Cosine that a memory needs which shares no word with the query',
    kind: 'share',
  },
  similarityWeight: { label: 'Weight of similarity', description: 'In the hybrid score', kind: 'share' },
  lexicalWeight: { label: 'Weight of words', description: 'In the hybrid score', kind: 'share' },
  conversationLift: {
    label: 'Lift by conversation',
    description: 'What the best other candidate of the same conversation adds',
    kind: 'share',
  },
  neighbourTurnLift: {
    label: 'Lift by neighbour turns',
    description: 'What the better of the turns around it adds: for transcripts',
    kind: 'share',
  },
  resonanceLift: { label: 'Lift by resonance', description: 'By how much φ raises a score at most', kind: 'share' },
  sentenceVectors: {
    label: 'Vectors of sentences',
    description: 'Of what is embedded from now on',
    kind: 'flag',
  },
  decay: { label: 'Decay', description: 'φ of what nobody asks for fades, month by month', kind: 'flag' },
  consolidation: { label: 'Consolidation', description: 'Near-duplicates are merged in the background', kind: 'flag' },
  consolidationThreshold: {
    label: 'Threshold of consolidation',
    description: 'Cosine from which two may be the same',
    kind: 'share',
  },
  consolidationGuard: {
    label: 'Guard of consolidation',
    description: 'Merged only where the words say the same',
    kind: 'flag',
  },
  receiptRetentionDays: {
    label: 'Receipts, days',
    description: 'How long it is kept what a recall returned and why; 0: not at all',
    kind: 'days',
  },
  archiveRetentionDays: {
    label: 'Archived events, days',
    description: 'How long events are kept that were moved out of the database; unset: for ever',
    kind: 'days',
  },
};
