'use client';

import type { Activity } from '@anima/client';
import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconArrowUpRight, IconGitMerge } from '@tabler/icons-react';
import Link from 'next/link';
import { useHref } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Nothing } from '../../parts/states.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';

/** What lately became of memories, the newest first. */
export function ActivityFeed({ activity }: { readonly activity: readonly Activity[] }) {
  return (
    <Panel title="Promotions and merges">
      {activity.length === 0 ? (
        <Nothing title="Nothing yet">
          A memory is promoted once it has been recalled five times, and again at twenty.
        </Nothing>
      ) : (
        <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {activity.map((one) => (
            <Entry key={`${one.position} ${one.memoryId}`} entry={one} />
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function Entry({ entry }: { readonly entry: Activity }) {
  const href = useHref();
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="center">
      {entry.type === 'tier' ? <IconArrowUpRight size={15} aria-hidden /> : <IconGitMerge size={15} aria-hidden />}
      {entry.type === 'tier' ? (
        <TierBadge tier={entry.to} />
      ) : (
        <Text size="xs" style={{ whiteSpace: 'nowrap' }}>
          {`merged at ${entry.similarity.toFixed(3)}`}
        </Text>
      )}
      <Anchor
        component={Link}
        prefetch={false}
        href={href('/memory', { id: entry.memoryId })}
        size="sm"
        truncate
        style={{ flex: 1 }}
        c="inherit"
      >
        {entry.excerpt ?? 'erased'}
      </Anchor>
      <Text size="xs" className="console-quiet">
        <Ago at={entry.at} />
      </Text>
    </Group>
  );
}
