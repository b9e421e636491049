'use client';

import type { StoredEntry } from '@anima/client';
import { useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { count } from '../../parts/numbers.ts';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import type { Listed, Tier } from './selection.ts';

/** What is about to be done, in words, and how. */
export interface BulkChange {
  readonly question: string;
  readonly consequence: string;
  readonly verb: string;
  readonly isGrave?: boolean;
  readonly run: () => Promise<void>;
}

/** Memories that one request may name. */
const atOnce = 500;
/** Ids of a change of all that match that the server tells, and so that can be taken back. */
const told = 1_000;

/** Changes of several memories, each with what takes it back. */
export function useBulkChanges(space: string, where: Listed['where'], onDone: () => void) {
  const { memories: client } = useTRPCClient();
  const queries = useQueryClient();
  const idsOf = (memories: readonly StoredEntry[]) => memories.map(({ id }) => id);
  const inParts = async <Item>(items: readonly Item[], size: number, send: (part: Item[]) => Promise<unknown>) => {
    for (let from = 0; from < items.length; from += size) await send(items.slice(from, from + size));
    await queries.invalidateQueries();
  };
  const doing = (done: string, work: () => Promise<unknown>, undo?: () => Promise<unknown>) => async () => {
    try {
      await work();
      onDone();
      sayDone(done, undo);
    } catch (error) {
      sayFailed(error);
    }
  };
  const forget = (ids: readonly string[]) =>
    inParts(ids, atOnce, (memoryIds) => client.forget.mutate({ memoryIds, space }));
  const restore = (ids: readonly string[]) =>
    inParts(ids, atOnce, (memoryIds) => client.restore.mutate({ memoryIds, space }));
  const setTier = (ids: readonly string[], tier: Tier) =>
    inParts(ids, atOnce, (memoryIds) => client.setTier.mutate({ memoryIds, tier, space }));
  /** Calls of one tick share a request, so several at once are few requests. */
  const setTags = (memories: readonly { readonly id: string; readonly tags: readonly string[] }[]) =>
    inParts(memories, 10, (part) =>
      Promise.all(part.map(({ id, tags }) => client.update.mutate({ memoryId: id, tags, space }))),
    );
  const these = (memories: readonly unknown[]) =>
    memories.length === 1 ? 'this memory' : `these ${count(memories.length)} memories`;
  const number = (memories: number) => (memories === 1 ? '1 memory' : `${count(memories)} memories`);

  return {
    forget: (memories: readonly StoredEntry[]): BulkChange => ({
      question: `Forget ${these(memories)}?`,
      consequence: 'Queries find them no more. They can be restored at any time, with all their history.',
      ...{ verb: 'Forget', isGrave: true },
      run: doing(
        `Forgot ${number(memories.length)}`,
        () => forget(idsOf(memories)),
        () => restore(idsOf(memories)),
      ),
    }),
    restore: (memories: readonly StoredEntry[]): BulkChange => ({
      question: `Restore ${these(memories)}?`,
      consequence: 'Queries find them again, as they were.',
      verb: 'Restore',
      run: doing(
        `Restored ${number(memories.length)}`,
        () => restore(idsOf(memories)),
        () => forget(idsOf(memories)),
      ),
    }),
    setTier: (memories: readonly StoredEntry[], tier: Tier): BulkChange => ({
      question: `Set ${these(memories)} to ${tier}?`,
      consequence: 'A tier that is set by hand stays until the memory crosses its next threshold anew.',
      verb: `Set to ${tier}`,
      run: doing(
        `Set ${number(memories.length)} to ${tier}`,
        () => setTier(idsOf(memories), tier),
        async () => {
          for (const [before, group] of Map.groupBy(memories, (memory) => memory.tier))
            await setTier(idsOf(group), before);
        },
      ),
    }),
    tag: (memories: readonly StoredEntry[], tags: readonly string[]): BulkChange => ({
      question: `Tag ${these(memories)} with ${tags.join(', ')}?`,
      consequence: 'They keep the tags that they have.',
      verb: 'Tag',
      run: doing(
        `Tagged ${number(memories.length)}`,
        () => setTags(memories.map(({ id, tags: own }) => ({ id, tags: [...new Set([...own, ...tags])] }))),
        () => setTags(memories),
      ),
    }),
    /** Of all that match, loaded or not: first how many they are. */
    async forgetAll(): Promise<BulkChange | undefined> {
      try {
        const { count: all } = await client.forget.mutate({ where, space, dryRun: true });
        return {
          question: `Forget all ${number(all)} that match?`,
          consequence:
            all > told
              ? `Queries find them no more. They can be restored, but only the first ${count(told)} by Undo; the others among the forgotten.`
              : 'Queries find them no more. They can be restored at any time, with all their history.',
          ...{ verb: `Forget ${number(all)}`, isGrave: true },
          run: async () => {
            try {
              const { memoryIds, count: forgotten } = await client.forget.mutate({ where, space });
              await queries.invalidateQueries();
              onDone();
              sayDone(`Forgot ${number(forgotten)}`, () => restore(memoryIds));
            } catch (error) {
              sayFailed(error);
            }
          },
        };
      } catch (error) {
        sayFailed(error);
        return undefined;
      }
    },
  };
}
