import type { AnimaClient } from '@anima/client';

/** What pages are about that are about one thing. */
export interface Subjects {
  readonly space: string;
  readonly memoryId: string;
  /** Of an access. */
  readonly position: number;
  readonly question: string;
}

export async function subjectsOf(client: AnimaClient, space: string, question: string): Promise<Subjects> {
  const [{ memories }, { events }] = await Promise.all([
    client.memories.list.query({ space, order: 'resonance', limit: 1 }),
    client.events.list.query({ space, types: ['memory.accessed'], limit: 1 }),
  ]);
  const [memory, event] = [memories[0], events[0]];
  if (!memory || !event) throw new Error(`nothing happened in space ${space}`);
  return { space, memoryId: memory.id, position: event.position, question };
}

const at = (path: string, params: Record<string, string>) => `${path}?${new URLSearchParams(params)}`;
const ofSpace =
  (path: string) =>
  ({ space }: Subjects) =>
    at(path, { space });

/** Every page of the console, with what is there once it is complete. */
export const pages = [
  { name: 'overview', path: ofSpace('/'), ready: '[aria-label^="Memories by φ"]' },
  { name: 'memories', path: ofSpace('/memories'), ready: 'tbody a' },
  {
    name: 'memory',
    path: ({ space, memoryId: id }: Subjects) => at('/memory', { space, id }),
    ready: 'canvas >> nth=1',
  },
  { name: 'recall', path: ({ space, question: q }: Subjects) => at('/recall', { space, q }), ready: 'ol li' },
  { name: 'associations', path: ofSpace('/associations'), ready: 'canvas' },
  { name: 'consolidation', path: ofSpace('/consolidation'), ready: 'text=Nothing was merged yet' },
  { name: 'events', path: ofSpace('/events'), ready: '[aria-label="Log"] li' },
  {
    name: 'event',
    path: ({ space, position }: Subjects) => at('/events', { space, event: String(position) }),
    ready: 'text=What it changed',
  },
  { name: 'jobs', path: ofSpace('/jobs'), ready: 'text=anima-embed' },
  {
    name: 'benchmarks',
    path: ofSpace('/benchmarks'),
    ready: 'text=/^(No run was recorded yet|Regression gate|Ratios)$/',
  },
  { name: 'settings', path: ofSpace('/settings'), ready: '[data-status]' },
  { name: 'empty', path: () => at('/memories', { space: 'nothing-here' }), ready: 'text=is empty' },
] as const;
