import type { AnimaClient } from '@anima/client';

/** Every page of the console, with what is there once it is complete. */
export async function pages(client: AnimaClient, space: string) {
  const { memories } = await client.memories.list.query({ space, order: 'resonance', limit: 1 });
  const memory = memories[0];
  if (!memory) throw new Error(`space ${space} is empty`);
  const at = (path: string, params: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({ space, ...params })}`;
  return [
    { name: 'overview', path: at('/'), ready: '[aria-label^="Memories by φ"]' },
    { name: 'memories', path: at('/memories'), ready: 'tbody a' },
    { name: 'memory', path: at('/memory', { id: memory.id }), ready: 'canvas >> nth=1' },
    { name: 'recall', path: at('/recall', { q: 'What happened yesterday?' }), ready: 'ol li' },
    { name: 'empty', path: at('/memories', { space: 'nothing-here' }), ready: 'text=is empty' },
  ];
}
