import type { AnimaClient } from '@anima/client';

/** Every page of the console, with what is there once it is complete. */
export async function pages(client: AnimaClient, space: string) {
  const { memories } = await client.memories.list.query({ space, order: 'resonance', limit: 1 });
  const memory = memories[0];
  if (!memory) throw new Error(`space ${space} is empty`);
  const event = (await client.events.list.query({ space, types: ['memory.accessed'], limit: 1 })).events[0]?.position;
  const at = (path: string, params: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({ space, ...params })}`;
  return [
    { name: 'overview', path: at('/'), ready: '[aria-label^="Memories by φ"]' },
    { name: 'memories', path: at('/memories'), ready: 'tbody a' },
    { name: 'memory', path: at('/memory', { id: memory.id }), ready: 'canvas >> nth=1' },
    { name: 'recall', path: at('/recall', { q: 'What happened yesterday?' }), ready: 'ol li' },
    { name: 'associations', path: at('/associations'), ready: 'canvas' },
    { name: 'consolidation', path: at('/consolidation'), ready: 'text=Nothing was merged yet' },
    { name: 'events', path: at('/events'), ready: '[aria-label="Log"] li' },
    { name: 'event', path: at('/events', { event: String(event) }), ready: 'text=What it changed' },
    { name: 'jobs', path: at('/jobs'), ready: 'text=anima-embed' },
    { name: 'benchmarks', path: at('/benchmarks'), ready: 'text=/^(No run was recorded yet|Measure)$/' },
    { name: 'settings', path: at('/settings'), ready: '[data-status]' },
    { name: 'empty', path: at('/memories', { space: 'nothing-here' }), ready: 'text=is empty' },
  ];
}
