'use client';

import type { Hub } from '@anima/client';
import { Anchor, Group, Stack, Text } from '@mantine/core';
import Link from 'next/link';
import { useHref } from '../../frame/url.ts';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Nothing } from '../../parts/states.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';

/** The memories that were recalled together with the most others. */
export function Hubs({ hubs }: { readonly hubs: readonly Hub[] }) {
  const href = useHref();
  return (
    <Panel title="Hubs">
      {hubs.length === 0 ? (
        <Nothing title="None yet" />
      ) : (
        <Stack gap={6} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          {hubs.map(({ memory, connections, meanStrength }) => (
            <Group key={memory.id} component="li" gap="xs" wrap="nowrap">
              <Text size="xs" className="console-number" w={96} style={{ flexShrink: 0 }}>
                {count(connections)} · {meanStrength.toFixed(3)}
              </Text>
              <TierBadge tier={memory.tier} />
              <Anchor component={Link} href={href('/memory', { id: memory.id })} size="sm" c="inherit" truncate>
                {memory.content}
              </Anchor>
            </Group>
          ))}
        </Stack>
      )}
      <Text size="xs" className="console-quiet" mt="xs">
        how many others · mean strength
      </Text>
    </Panel>
  );
}
