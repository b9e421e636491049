import { Latencies } from '../latencies.ts';

/** What one window of a load did. */
export interface Window {
  readonly latencies: Latencies;
  /** How the others ended, and how often. */
  readonly errors: ReadonlyMap<string, number>;
  readonly seconds: number;
}

/** Several windows as one. */
export function together(windows: readonly Window[]): Window {
  const latencies = new Latencies();
  const errors = new Map<string, number>();
  for (const window of windows) {
    latencies.add(window.latencies);
    for (const [kind, times] of window.errors) errors.set(kind, (errors.get(kind) ?? 0) + times);
  }
  return { latencies, errors, seconds: windows.reduce((sum, { seconds }) => sum + seconds, 0) };
}
