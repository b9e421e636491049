import type { LogEvent } from './events.ts';
import type { StoryEvent } from './ports/history.ts';

/** What happened to one of the memories that an event names, in a sentence without a subject. */
export function tell({ event, conversation, reason, tierChange }: Omit<StoryEvent, 'state'>, memoryId: string): string {
  const where = conversation === null ? '' : ` in conversation "${conversation}"`;
  const why = reason === null ? '' : `: ${reason}`;
  const moved = tierChange && event.type !== 'memory.tiered' ? `; from ${tierChange.from} to ${tierChange.to}` : '';
  return `${whatHappened(event, memoryId)}${where}${why}${moved}`;
}

function whatHappened(event: LogEvent, memoryId: string): string {
  switch (event.type) {
    case 'memory.added':
      return event.payload.catalyst ? 'added as a catalyst' : 'added';
    case 'memory.accessed':
      return event.payload.via === 'query' ? recalled(event.memoryIds.length - 1) : addedAgain(event.payload);
    case 'memory.cited':
      return 'used: the agent cited it';
    case 'memory.updated':
      return `changed: its content is version ${event.payload.version}`;
    case 'memory.forgotten':
      return 'forgotten';
    case 'memory.restored':
      return 'restored';
    case 'memory.expired':
      return 'expired';
    case 'memory.erased':
      return 'erased: what it said is gone';
    case 'memory.tiered':
      return `set to ${event.payload.tier} by hand`;
    case 'memory.marked':
      return event.payload.catalyst ? 'marked as a catalyst' : 'no longer a catalyst';
    case 'memory.merged': {
      const { survivor, merged, similarity } = event.payload;
      const likeness = `similarity ${similarity.toFixed(3)}`;
      return memoryId === survivor
        ? `took in ${merged} as a variant (${likeness})`
        : `became a variant of ${survivor} (${likeness})`;
    }
    case 'memory.unmerged': {
      const { survivor, merged } = event.payload;
      return memoryId === survivor ? `let go of its variant ${merged}` : `no longer a variant of ${survivor}`;
    }
    case 'space.decayed':
      return `faded by ${(1_000 - event.payload.factor) / 10} %: not accessed for long`;
    case 'space.reembedded':
      return 'its space changed its model';
    case 'space.configured':
      return 'its space was configured';
  }
}

function recalled(others: number): string {
  if (others === 0) return 'recalled alone';
  return others === 1 ? 'recalled with 1 other' : `recalled with ${others} others`;
}

function addedAgain({ revived, catalyst }: { readonly revived: boolean; readonly catalyst: boolean }): string {
  return `added again${revived ? ', which brought it back' : ''}${catalyst ? ', as a catalyst' : ''}`;
}
