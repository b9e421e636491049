import { startWithin, tokenUnits, unitsPerToken } from '@anima/core';

/** An answer made of items, of which there may be more than there is room for. */
export interface CompactText {
  /** What stands above the items. */
  readonly head: string;
  readonly items: readonly string[];
  /** What stands below them, knowing how many were left out. */
  readonly foot: (left: number) => string;
}

const cutMark = ' […]';
/** While there are several items, none takes more of the room than this. */
const longestShare = 1 / 3;

/**
 * Text for a language model, within a budget of estimated tokens (see core's `estimateTokens`): as many items as have
 * room, in their order, each cut where it is too long.
 */
export function compactText({ head, items, foot }: CompactText, tokenBudget: number): string {
  const ends = tokenUnits(head) + tokenUnits(foot(items.length)) + 4 * unitsPerToken;
  let room = tokenBudget * unitsPerToken - ends;
  const longest = items.length > 1 ? Math.floor(room * longestShare) : room;
  const lines: string[] = [];
  for (const item of items) {
    const line = cutTo(item, longest);
    const cost = tokenUnits(line) + unitsPerToken;
    if (cost > room) break;
    room -= cost;
    lines.push(line);
  }
  return [head, ...lines, foot(items.length - lines.length)].filter((part) => part !== '').join('\n');
}

/** The beginning of a text that costs at most so many quarters of a token, marked where it is not the whole. */
function cutTo(text: string, units: number): string {
  if (tokenUnits(text) <= units) return text;
  return `${startWithin(text, Math.max(0, units - tokenUnits(cutMark))).trimEnd()}${cutMark}`;
}
