import type { EventEntry } from '@anima/client';

type EventType = EventEntry['type'];

/** What each type of event says happened. */
const types: Readonly<Record<EventType, string>> = {
  'memory.added': 'added',
  'memory.accessed': 'accessed',
  'memory.cited': 'cited',
  'memory.updated': 'updated',
  'memory.forgotten': 'forgotten',
  'memory.restored': 'restored',
  'memory.expired': 'expired',
  'memory.erased': 'erased',
  'memory.tiered': 'tier set by hand',
  'memory.marked': 'marked as a catalyst, or not',
  'memory.merged': 'merged',
  'memory.unmerged': 'un-merged',
  'space.configured': 'space configured',
  'space.reembedded': 'space has another model',
  'space.decayed': 'what was not accessed faded',
};

export const typeNames = Object.entries(types).map(([value, label]) => ({ value, label }));

export const isEventType = (type: string): type is EventType => type in types;

export const nameOfType = (type: EventType): string => types[type];
