import { AnimaError } from '@anima/core';

/** Where archived files are. Names are paths with slashes; a file never changes. */
export interface ArchivePlace {
  /** For people to read: nothing secret. */
  readonly name: string;
  /** Copies a file of this disk there; once it returns it is there for good, and before that not at all. */
  put(name: string, path: string): Promise<void>;
  /** @throws AnimaError `UNAVAILABLE` when it is not there or cannot be read now */
  get(name: string): Promise<AsyncIterable<Uint8Array>>;
  /** Also where it is gone already. */
  remove(name: string): Promise<void>;
}

/** What a file that should be there, and is not, means to whoever asked. */
export function unreadable(place: string, name: string, cause: unknown): AnimaError {
  return new AnimaError('UNAVAILABLE', `the archived file ${name} cannot be read from ${place}`, { cause });
}
