import { allFixes, type Fix } from './fixes.ts';

/** One operation with some fixes turned back, against the same with all of them. */
export interface Comparison {
  readonly name: string;
  readonly operation: 'add' | 'query' | 'bootstrap';
  readonly without: readonly Fix[];
  /** Whether the model takes seconds; otherwise it answers at once, so that it is not what is measured. */
  readonly isModelSlow: boolean;
  /** Whether every query is a new one; otherwise five of them come again and again. */
  readonly asksAnew: boolean;
  /** Whether queries belong to a conversation, so that their pairs count. */
  readonly converses: boolean;
  /** Instead of as many as were asked for. */
  readonly callers?: number;
}

const usual = { isModelSlow: false, asksAnew: false, converses: true } as const;

/** More than a pool of 20 serves at once. */
const crowd = 60;

export const comparisons: readonly Comparison[] = [
  { ...usual, name: 'no cache', operation: 'query', without: ['cache'], isModelSlow: true },
  { ...usual, name: 'waiting for the model', operation: 'add', without: ['budget'], isModelSlow: true },
  {
    ...{ ...usual, name: 'waiting for the model', operation: 'query', without: ['budget'] },
    ...{ isModelSlow: true, asksAnew: true },
  },
  { ...usual, name: '190 pairs in turn', operation: 'query', without: ['pairs'] },
  // Outside a conversation, so that pairs are nobody's work.
  { ...usual, name: 'updates and promotions in turn', operation: 'query', without: ['updates'], converses: false },
  { ...usual, name: 'scan for near-duplicates', operation: 'add', without: ['scan'] },
  { ...usual, name: 'bootstrap of three queries that writes', operation: 'bootstrap', without: ['bootstrap'] },
  { ...usual, name: 'no indexes', operation: 'add', without: ['indexes'] },
  { ...usual, name: 'no indexes', operation: 'query', without: ['indexes'] },
  { ...usual, name: 'no indexes', operation: 'bootstrap', without: ['indexes'] },
  { ...usual, name: 'a pool of 20', operation: 'query', without: ['pool'], callers: crowd },
  { ...usual, name: 'everything', operation: 'add', without: allFixes, isModelSlow: true },
  { ...usual, name: 'everything', operation: 'query', without: allFixes, isModelSlow: true },
  { ...usual, name: 'everything', operation: 'bootstrap', without: allFixes, isModelSlow: true },
];
