import type { Log } from '@anima/core';

/** Keeps what was logged, for tests that expect it; prints nothing. */
export class RecordingLog implements Log {
  readonly entries: { readonly level: keyof Log; readonly fields: object; readonly message: string }[] = [];
  debug = this.#record('debug');
  info = this.#record('info');
  warn = this.#record('warn');
  error = this.#record('error');

  #record(level: keyof Log) {
    return (fields: object, message: string) => void this.entries.push({ level, fields, message });
  }
}
