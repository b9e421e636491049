import type { EventSource as NodeEventSource } from 'eventsource';

type Constructor = typeof NodeEventSource;

let loaded: Constructor | undefined;

/** Browsers have it; elsewhere it is loaded when the first loop over events begins, and never put into a bundle's way. */
export async function provideEventSource(): Promise<void> {
  if (!('EventSource' in globalThis)) loaded ??= (await import('eventsource')).EventSource;
}

/** @throws TypeError where there is none yet */
export function eventSource(): Constructor {
  const found = (globalThis as unknown as { EventSource?: Constructor }).EventSource ?? loaded;
  if (!found) throw new TypeError('this runtime has no EventSource: follow events with eventsOf');
  return found;
}
