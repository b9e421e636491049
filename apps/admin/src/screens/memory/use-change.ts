'use client';

import type { GetResult } from '@anima/client';
import { useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { sayDone, sayFailed } from '../../parts/say.tsx';

type Tier = GetResult['tier'];

/** Changes of one memory, each with what takes it back, where something does. */
export function useChange(space: string) {
  const { memories: client } = useTRPCClient();
  const queries = useQueryClient();
  const change = async (done: string, work: () => Promise<unknown>, undo?: () => Promise<unknown>) => {
    const refreshed = async (act: () => Promise<unknown>) => {
      await act();
      await queries.invalidateQueries();
    };
    try {
      await refreshed(work);
      sayDone(done, undo && (() => refreshed(undo)));
    } catch (error) {
      sayFailed(error);
    }
  };
  return {
    update: ({ id, content: before }: GetResult, content: string) =>
      change(
        'Saved as a new version',
        () => client.update.mutate({ memoryId: id, content, space }),
        () => client.update.mutate({ memoryId: id, content: before, space }),
      ),
    forget: (id: string) =>
      change(
        'Forgotten',
        () => client.forget.mutate({ memoryIds: [id], space }),
        () => client.restore.mutate({ memoryIds: [id], space }),
      ),
    restore: (id: string) =>
      change(
        'Restored',
        () => client.restore.mutate({ memoryIds: [id], space }),
        () => client.forget.mutate({ memoryIds: [id], space }),
      ),
    setTier: ({ id, tier: before }: GetResult, tier: Tier) =>
      change(
        `Set to ${tier}`,
        () => client.setTier.mutate({ memoryIds: [id], tier, space }),
        () => client.setTier.mutate({ memoryIds: [id], tier: before, space }),
      ),
    mark: ({ id, isCatalyst }: GetResult) =>
      change(
        isCatalyst ? 'No longer a catalyst' : 'Marked as a catalyst',
        () => client.mark.mutate({ memoryIds: [id], catalyst: !isCatalyst, space }),
        () => client.mark.mutate({ memoryIds: [id], catalyst: isCatalyst, space }),
      ),
    erase: (id: string) => change('Erased for good', () => client.erase.mutate({ memoryIds: [id], space })),
    unmerge: (id: string) => change('A memory of its own again', () => client.unmerge.mutate({ memoryId: id, space })),
  };
}
