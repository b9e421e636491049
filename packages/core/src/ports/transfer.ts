import type { Space } from '../ports.ts';
import type { SpaceFileLine } from '../space-file.ts';

/** Lines of a space file, in order, with how far they reach. */
export interface ExportStep {
  /** Without their line feeds. */
  readonly lines: readonly string[];
  /** Bytes of the file given out with these lines, and of the whole file. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Consecutive lines of a space file on their way into a space. */
export interface StagedLines {
  /** SHA-256 of the file's lines before its trailer, hex: which file these are lines of. */
  readonly digest: string;
  /** How many lines of the file stand before these. */
  readonly after: number;
  readonly lines: readonly { readonly text: string; readonly line: SpaceFileLine }[];
}

/** How far the import of a file into a space has come. */
export interface ImportPlace {
  /** Lines that the server holds; the next to send stands behind them. */
  readonly received: number;
  /** What is left is the server's to do, or is done. */
  readonly stage: 'receiving' | 'applying' | 'done';
}

/** An import checks all lines, then applies them. */
export interface ImportStep {
  readonly stage: 'checking' | 'waiting' | 'applying' | 'done';
  /** Lines that are checked or applied. */
  readonly done: number;
  readonly total: number;
}

/** Spaces as files, to another database and back. */
export interface TransferStore {
  /** The whole space as of one moment; nothing happens until it is read. */
  exportSpace(space: Space): AsyncIterable<ExportStep>;
  /**
   * Keeps lines of a file apart from the space that they are for, which need not exist. Lines that are there
   * already are not looked at again.
   *
   * @throws AnimaError `CONFLICT` when the space has memories, or another file is on its way into it
   */
  stageImport(spaceName: string, staged: StagedLines): Promise<ImportPlace>;
  /**
   * Checks the lines that were staged and, if they are whole and add up, makes them the space. While that lasts
   * nobody else can use the space. Breaking off and beginning again goes on where it stopped.
   *
   * @throws AnimaError `NOT_FOUND` when nothing of this file was staged, `VALIDATION_ERROR` naming the line that is
   * wrong: then nothing of the file stays, `CONFLICT` when the space has memories
   */
  applyImport(spaceName: string, digest: string): AsyncIterable<ImportStep>;
}
