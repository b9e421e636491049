import { SingleBar } from 'cli-progress';

/** Something that takes long, shown on stderr while it goes on. */
export interface Progress {
  /** @param note what else there is to see, such as a rate */
  update(value: number, note?: string): void;
  /** Takes the bar away; what came of the work is the caller's to say. */
  stop(): void;
}

/**
 * Shows progress on stderr: a bar on a terminal, and elsewhere (a log, a pipe) a plain line every few
 * seconds.
 *
 * @param total in whatever unit `update` counts
 */
export function startProgress(label: string, total: number): Progress {
  const isTerminal = process.stderr.isTTY === true;
  const bar = new SingleBar({
    stream: process.stderr,
    format: isTerminal
      ? '{label}  {bar} {percentage} %  {note}  ETA {eta_formatted}'
      : '{label}: {percentage} %  {note}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    etaBuffer: 50,
    // Nothing of the terminal is changed, so a process that is killed leaves nothing to put right.
    hideCursor: false,
    linewrap: true,
    clearOnComplete: true,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    gracefulExit: false,
  });
  bar.start(Math.max(total, 1), 0, { label, note: '' });
  return {
    update: (value, note) => bar.update(value, note === undefined ? {} : { note }),
    stop: () => bar.stop(),
  };
}

/** Progress that nobody watches. */
export const noProgress: Progress = { update: () => undefined, stop: () => undefined };
