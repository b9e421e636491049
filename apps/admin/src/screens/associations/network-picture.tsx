'use client';

import type { NetworkResult } from '@anima/client';
import { Group, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useHref } from '../../frame/url.ts';
import { GraphView } from '../../parts/graph-view.tsx';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';

/** The network on a canvas: a memory is the larger the more others it is drawn with. */
export function NetworkPicture({ network }: { readonly network: NetworkResult }) {
  const router = useRouter();
  const href = useHref();
  const { nodes, edges, truncated } = network;
  const drawn = useMemo(() => {
    const degrees = new Map<string, number>();
    for (const id of edges.flatMap(({ from, to }) => [from, to])) degrees.set(id, (degrees.get(id) ?? 0) + 1);
    return {
      points: nodes.map(({ id, excerpt, tier }) => ({
        id,
        label: excerpt,
        tier,
        size: Math.sqrt(degrees.get(id) ?? 1),
      })),
      lines: edges,
    };
  }, [nodes, edges]);
  const numbers = `${count(nodes.length)} memories, ${count(edges.length)} associations`;
  return (
    <Panel
      title="Network"
      aside={
        <Text size="xs" className="console-number" role="status">
          {numbers}
          {truncated && ', the strongest of more'}
        </Text>
      }
    >
      <GraphView
        {...drawn}
        height={560}
        label={`Graph of ${numbers}; the most connected are listed as hubs`}
        onOpen={(id) => router.push(href('/memory', { id }))}
      />
      <Group gap="xs" mt="xs">
        {['active', 'thread', 'stable', 'network'].map((tier) => (
          <TierBadge key={tier} tier={tier} />
        ))}
        <Text size="xs" className="console-quiet">
          a click opens a memory; drag, and scroll to zoom
        </Text>
      </Group>
    </Panel>
  );
}
