'use client';

import { Grid, Stack, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTRPC, useTRPCClient } from '../../frame/api.ts';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { Content } from './content.tsx';
import { Life } from './life.tsx';
import { Neighbours } from './neighbours.tsx';
import { Story } from './story.tsx';
import { Variants } from './variants.tsx';

const storyPage = 200;

/** One memory: what it says and said, how it fared, and what it is tied to. */
export function MemoryScreen() {
  const [params] = useUrlState();
  const id = params.get('id');
  if (!id) return <Nothing title="No memory is named">Choose one from the list, or find it by ⌘K.</Nothing>;
  return <OneMemory key={id} id={id} />;
}

function OneMemory({ id }: { readonly id: string }) {
  const space = useSpace();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const memory = useQuery({ ...trpc.memories.get.queryOptions({ memoryId: id, space }), refetchInterval: 5_000 });
  const story = useInfiniteQuery({
    queryKey: ['story', space, id],
    queryFn: ({ pageParam: cursor, signal }) => {
      const page = { memoryId: id, space, descending: true, limit: storyPage };
      return client.memories.history.query(cursor === null ? page : { ...page, cursor }, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 5_000,
  });
  const events = story.data?.pages.flatMap((page) => page.events);
  if (memory.error) return <Failure error={memory.error} retry={() => void memory.refetch()} />;
  return (
    <>
      <Title order={1} mb="xs">
        Memory
      </Title>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="sm">
            {memory.data ? <Content memory={memory.data} space={space} /> : <Loading rows={6} />}
            {events && <Life events={events} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="sm">
            <Neighbours id={id} space={space} isLive={memory.data?.visibility === 'live'} />
            {memory.data && memory.data.variants.length > 0 && <Variants ids={memory.data.variants} space={space} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={12}>
          {story.error ? (
            <Failure error={story.error} retry={() => void story.refetch()} />
          ) : events ? (
            <Story events={events} pages={story} />
          ) : (
            <Loading rows={6} />
          )}
        </Grid.Col>
      </Grid>
    </>
  );
}
