'use client';

import { Group, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';
import { FirstMemories } from '../../parts/first-memories.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { Filters } from './filters.tsx';
import { MemoryTable } from './memory-table.tsx';
import { useListed } from './selection.ts';

/** All memories of a space, page by page as one scrolls. */
export function Memories() {
  const { memories: client } = useTRPCClient();
  const { request, where, isNarrowed } = useListed();
  const list = useInfiniteQuery({
    queryKey: ['memories', request],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.list.query(cursor === null ? request : { ...request, cursor }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const key = JSON.stringify(request);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is another selection
  useEffect(() => setSelected(new Set()), [key]);
  const memories = list.data?.pages.flatMap((page) => page.memories) ?? [];
  const chosen = memories.filter(({ id }) => selected.has(id));
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Title order={1}>Memories</Title>
        <Text size="xs" className="console-quiet console-number" role="status">
          {list.data && `${memories.length}${list.hasNextPage ? ' and more' : ''}`}
        </Text>
      </Group>
      <Filters />
      <BulkBar chosen={chosen} where={where} space={request.space ?? 'default'} onDone={() => setSelected(new Set())} />
      {list.error ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <Loading rows={12} height={34} />
      ) : memories.length === 0 ? (
        isNarrowed ? (
          <Nothing title="No memory meets these conditions">Take one of them out, or look among the forgotten.</Nothing>
        ) : (
          <FirstMemories />
        )
      ) : (
        <MemoryTable
          {...{ memories, selected, onSelect: setSelected }}
          isStale={list.isPlaceholderData}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
        />
      )}
    </>
  );
}
