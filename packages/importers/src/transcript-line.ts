/** A line of a transcript. */
export interface TranscriptLine {
  /** From 1. */
  readonly number: number;
  readonly value: unknown;
}
