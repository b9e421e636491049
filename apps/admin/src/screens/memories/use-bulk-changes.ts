'use client';

import type { StoredEntry } from '@anima/client';
import { useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { count } from '../../parts/numbers.ts';
import { sayDone, sayFailed, sayProgress } from '../../parts/say.tsx';
import type { Tier } from '../../parts/tiers.ts';
import { asOne, inParts, oneByOne } from './in-parts.ts';
import type { Listed } from './selection.ts';

/** What is about to be done, in words, and how. */
export interface BulkChange {
  readonly question: string;
  readonly consequence: string;
  readonly verb: string;
  readonly isGrave?: boolean;
  readonly run: () => Promise<void>;
}

/** Memories that one request may name; and those of which each needs a call of its own, which share one. */
const sizes = { named: 500, called: 20 };
/** Ids of a change of all that match that the server tells, and so that can be taken back. */
const told = 1_000;

/** A kind of change: what says that it was done, and how it is done to some of them. */
interface Kind {
  /** `Forgot 3 memories`, or of how many. */
  readonly told: (memories: string) => string;
  readonly size: number;
  readonly send: Parameters<typeof inParts<StoredEntry>>[2];
  readonly undo: (done: readonly StoredEntry[]) => Promise<unknown>;
}

/** Changes of several memories, each with what takes it back. */
export function useBulkChanges(space: string, where: Listed['where'], onDone: () => void) {
  const { memories: client } = useTRPCClient();
  const queries = useQueryClient();
  const idsOf = (memories: readonly StoredEntry[]) => memories.map(({ id }) => id);
  const these = (memories: readonly unknown[]) =>
    memories.length === 1 ? 'this memory' : `these ${count(memories.length)} memories`;
  const number = (memories: number) => (memories === 1 ? '1 memory' : `${count(memories)} memories`);

  /** To the end, or as far as it goes; what was done is said, and can be taken back. */
  const doing = (memories: readonly StoredEntry[], kind: Kind) => async () => {
    const progress = memories.length > kind.size ? sayProgress(kind.told(number(0))) : undefined;
    const all = number(memories.length);
    const { done, failure } = await inParts(memories, kind.size, kind.send, (dealtWith) =>
      progress?.update(kind.told(`${count(dealtWith)} of ${all}`)),
    );
    progress?.end();
    await queries.invalidateQueries();
    if (done.length === 0) return sayFailed(failure);
    onDone();
    const undo = async () => {
      await kind.undo(done);
      await queries.invalidateQueries();
    };
    sayDone(kind.told(failure === undefined ? all : `${count(done.length)} of ${all}`), undo, failure);
  };
  /** All of it, or as much as can be: who takes something back hears of what was not. */
  const backInParts = async (memories: readonly StoredEntry[], { size, send }: Pick<Kind, 'size' | 'send'>) => {
    const { failure } = await inParts(memories, size, send);
    if (failure !== undefined) throw failure;
  };
  const forgetting = asOne<StoredEntry>((part) => client.forget.mutate({ memoryIds: idsOf(part), space }));
  const restoring = asOne<StoredEntry>((part) => client.restore.mutate({ memoryIds: idsOf(part), space }));
  const settingTier = (tier: Tier) =>
    asOne<StoredEntry>((part) => client.setTier.mutate({ memoryIds: idsOf(part), tier, space }));
  const setting = (tagsOf: (memory: StoredEntry) => readonly string[]) =>
    oneByOne<StoredEntry>((memory) => client.update.mutate({ memoryId: memory.id, tags: [...tagsOf(memory)], space }));

  return {
    forget: (memories: readonly StoredEntry[]): BulkChange => ({
      question: `Forget ${these(memories)}?`,
      consequence: 'Queries find them no more. They can be restored at any time, with all their history.',
      ...{ verb: 'Forget', isGrave: true },
      run: doing(memories, {
        ...{ told: (some) => `Forgot ${some}`, size: sizes.named, send: forgetting },
        undo: (done) => backInParts(done, { size: sizes.named, send: restoring }),
      }),
    }),
    restore: (memories: readonly StoredEntry[]): BulkChange => ({
      question: `Restore ${these(memories)}?`,
      consequence: 'Queries find them again, as they were.',
      verb: 'Restore',
      run: doing(memories, {
        ...{ told: (some) => `Restored ${some}`, size: sizes.named, send: restoring },
        undo: (done) => backInParts(done, { size: sizes.named, send: forgetting }),
      }),
    }),
    setTier: (memories: readonly StoredEntry[], tier: Tier): BulkChange => ({
      question: `Set ${these(memories)} to ${tier}?`,
      consequence: 'A tier that is set by hand stays until the memory crosses its next threshold anew.',
      verb: `Set to ${tier}`,
      run: doing(memories, {
        ...{ told: (some) => `Set ${some} to ${tier}`, size: sizes.named, send: settingTier(tier) },
        async undo(done) {
          for (const [before, group] of Map.groupBy(done, (memory) => memory.tier))
            await backInParts(group, { size: sizes.named, send: settingTier(before) });
        },
      }),
    }),
    tag: (memories: readonly StoredEntry[], tags: readonly string[]): BulkChange => ({
      question: `Tag ${these(memories)} with ${tags.join(', ')}?`,
      consequence: 'They keep the tags that they have.',
      verb: 'Tag',
      run: doing(memories, {
        ...{ told: (some) => `Tagged ${some}`, size: sizes.called },
        send: setting((memory) => [...new Set([...memory.tags, ...tags])]),
        undo: (done) => backInParts(done, { size: sizes.called, send: setting((memory) => memory.tags) }),
      }),
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
              sayDone(`Forgot ${number(forgotten)}`, async () => {
                for (let from = 0; from < memoryIds.length; from += sizes.named)
                  await client.restore.mutate({ memoryIds: memoryIds.slice(from, from + sizes.named), space });
                await queries.invalidateQueries();
              });
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
