import type { LoggedEvent } from '@anima/client';

/** What kinds of events say, in a word; the log may have kinds that this console does not know. */
export const kinds = {
  'memory.added': 'added',
  'memory.accessed': 'accessed',
  'memory.cited': 'cited',
  'memory.updated': 'changed',
  'memory.forgotten': 'forgotten',
  'memory.restored': 'restored',
  'memory.expired': 'expired',
  'memory.erased': 'erased',
  'memory.tiered': 'tier set',
  'memory.marked': 'catalyst',
  'memory.merged': 'merged',
  'memory.unmerged': 'un-merged',
  'space.configured': 'configured',
  'space.reembedded': 'model changed',
  'space.decayed': 'faded',
} as const;

type Kind = keyof typeof kinds;

export function isKind(type: string): type is Kind {
  return type in kinds;
}

/** Colours of what adds, what uses, what takes away. */
export function colorOf(type: string): string {
  if (type === 'memory.added' || type === 'memory.restored' || type === 'memory.unmerged') return 'teal';
  if (type === 'memory.accessed' || type === 'memory.cited') return 'blue';
  if (['memory.forgotten', 'memory.expired', 'memory.erased'].includes(type)) return 'red';
  return type === 'memory.merged' ? 'grape' : 'gray';
}

/** What happened to the memories that an event names, in a few words. */
export function tell({ type, payload, memoryIds }: LoggedEvent): string {
  const others = memoryIds.length > 1 ? ` and ${memoryIds.length - 1} more` : '';
  switch (type) {
    case 'memory.accessed':
      return payload.via === 'query' ? `recalled${others}` : 'said again';
    case 'memory.cited':
      return `used by the agent${others}`;
    case 'memory.tiered':
      return `set to ${String(payload.tier)}`;
    case 'memory.marked':
      return payload.catalyst ? 'marked as a catalyst' : 'no longer a catalyst';
    case 'memory.updated':
      return `now version ${String(payload.version)}`;
    case 'memory.merged':
      return `took in another (${Number(payload.similarity).toFixed(3)})`;
    case 'memory.unmerged':
      return 'let go of a variant';
    default:
      return isKind(type) ? kinds[type] : type;
  }
}
