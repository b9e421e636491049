import type { ServerStore, Tracer } from '@anima/core';

/** What one sees of a request: its parts, by the methods that they are. The others are too small or too rare. */
const parts = {
  principalOf: 'authenticate',
  openSpace: 'open space',
  search: 'search',
  searchStructural: 'search',
  searchThen: 'search',
  searchStructuralThen: 'search',
  nearest: 'search',
  add: 'append',
  recordRecall: 'append',
  cite: 'append',
  configure: 'append',
  update: 'append',
  forget: 'append',
  restore: 'append',
  erase: 'append',
  setTier: 'append',
  mark: 'append',
  merge: 'append',
  unmerge: 'append',
  readMemories: 'read',
  readEntries: 'read',
  readThen: 'read',
  bootstrap: 'read',
  bootstrapThen: 'read',
  list: 'read',
  neighbours: 'read',
  connections: 'read',
  hubs: 'read',
  network: 'read',
  strongestPairs: 'read',
  readStory: 'read',
  readLog: 'read',
  saveVectors: 'save vectors',
} as const satisfies Partial<Record<keyof ServerStore, string>>;

type Part = keyof typeof parts;
type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The same store, whose methods are steps of the request that calls them. */
export function traced<Store extends ServerStore>(store: Store, tracer: Pick<Tracer, 'step'>): Store {
  const steps = (Object.keys(parts) as Part[]).map((part) => {
    const method = store[part] as Method;
    const step: Method = (...args) =>
      tracer.step(parts[part], (span) => {
        span?.set('anima.store.method', part);
        return method(...args);
      });
    return [part, step];
  });
  return { ...store, ...Object.fromEntries(steps) };
}
