'use client';

import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '../../frame/api.ts';
import { useHref } from '../../frame/url.ts';
import { Panel } from '../../parts/panel.tsx';
import { useChange } from './use-change.ts';

const shown = 20;

/** Near-duplicates that were merged into it. Nothing of them is lost: each can be a memory of its own again. */
export function Variants({ ids, space }: { readonly ids: readonly string[]; readonly space: string }) {
  const trpc = useTRPC();
  const href = useHref();
  const { unmerge } = useChange(space);
  const variants = useQueries({
    queries: ids.slice(0, shown).map((memoryId) => trpc.memories.get.queryOptions({ memoryId, space })),
  });
  return (
    <Panel title={`Variants merged into it (${ids.length})`}>
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {ids.slice(0, shown).map((id, index) => (
          <Group key={id} component="li" gap="xs" wrap="nowrap" justify="space-between">
            <Anchor component={Link} href={href('/memory', { id })} size="sm" c="inherit" lineClamp={2}>
              {variants[index]?.data?.content ?? id}
            </Anchor>
            <Button variant="light" style={{ flexShrink: 0 }} onClick={() => void unmerge(id)}>
              Un-merge
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
