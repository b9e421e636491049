'use client';

import type { Merge } from '@anima/client';
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { Ago } from '../../parts/ago.tsx';
import { More } from '../../parts/more.tsx';
import { Panel } from '../../parts/panel.tsx';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { TwoTexts } from './two-texts.tsx';

/** How often it is looked whether workers merged more, ms. */
const refreshMs = 4_000;

/** What was merged, the newest first. */
export function Merges({ space }: { readonly space: string }) {
  const client = useTRPCClient();
  const list = useInfiniteQuery({
    queryKey: ['merges', space],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.memories.merges.query(cursor === null ? { space } : { space, cursor }, { signal }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: refreshMs,
  });
  const merges = list.data?.pages.flatMap((page) => page.merges) ?? [];
  return (
    <Panel title="Merged">
      {list.error ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <Loading rows={6} />
      ) : merges.length === 0 ? (
        <Nothing title="Nothing was merged yet">
          A memory that says the same as an earlier one becomes its variant: workers find them once both have their
          vectors.
        </Nothing>
      ) : (
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {merges.map((merge) => (
            <Paper key={merge.position} component="li">
              <MergeEntry merge={merge} space={space} />
            </Paper>
          ))}
        </Stack>
      )}
      <More of={list} />
    </Panel>
  );
}

function MergeEntry({ merge, space }: { readonly merge: Merge; readonly space: string }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const { survivor, merged, similarity, isMerged, at } = merge;
  const unmerge = async () => {
    try {
      await client.memories.unmerge.mutate({ memoryId: merged.memoryId, space });
      await queries.invalidateQueries();
      sayDone('A memory of its own again; the two are never merged anew');
    } catch (error) {
      sayFailed(error);
    }
  };
  return (
    <>
      <Group justify="space-between" mb={4}>
        <Group gap="xs">
          <Badge>similarity {similarity.toFixed(3)}</Badge>
          <Text size="xs" className="console-quiet">
            <Ago at={at} />
          </Text>
        </Group>
        {isMerged ? (
          <Button variant="light" onClick={() => void unmerge()}>
            Un-merge
          </Button>
        ) : (
          <Badge color="gray">{merged.visibility === 'erased' ? 'erased since' : 'apart again'}</Badge>
        )}
      </Group>
      <TwoTexts survivor={survivor} merged={merged} />
    </>
  );
}
