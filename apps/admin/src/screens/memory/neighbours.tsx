'use client';

import { Anchor, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useTRPC } from '../../frame/api.ts';
import { useHref } from '../../frame/url.ts';
import { GraphView } from '../../parts/graph-view.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';

const nearest = 6;

interface NeighboursProps {
  readonly id: string;
  readonly space: string;
  readonly isLive: boolean;
}

/** The memories that were recalled together with it. */
export function Neighbours({ id, space, isLive }: NeighboursProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const href = useHref();
  const [depth, setDepth] = useState('1');
  // Asked beside the memory itself, not after it; what is not live has none.
  const graph = useQuery({
    ...trpc.associations.graph.queryOptions({ memoryId: id, space, depth: Number(depth), perNode: 12, maxNodes: 120 }),
    placeholderData: (before) => before,
  });
  const { data } = graph;
  const drawn = useMemo(
    () =>
      data && {
        points: data.nodes.map(({ memory }) => ({
          ...{ id: memory.id, label: memory.content.slice(0, 200), tier: memory.tier },
          ...{ size: 1 + memory.resonancePhi / 2, isCentre: memory.id === id },
        })),
        lines: data.edges,
      },
    [data, id],
  );
  if (!isLive && graph.error) return null;
  const words = new Map(data?.nodes.map(({ memory }) => [memory.id, memory.content]));
  return (
    <Panel
      title="Recalled together"
      aside={
        <SegmentedControl
          {...{ size: 'xs', value: depth, onChange: setDepth, data: ['1', '2', '3'] }}
          aria-label="How many associations away"
        />
      }
    >
      {graph.error ? (
        <Failure error={graph.error} retry={() => void graph.refetch()} />
      ) : !data || !drawn ? (
        <Loading rows={6} />
      ) : data.edges.length === 0 ? (
        <Nothing title="No associations yet">
          Memories become associated when one conversation recalls them together.
        </Nothing>
      ) : (
        <>
          <GraphView
            {...drawn}
            height={300}
            label={`Graph of ${data.nodes.length} memories and ${data.edges.length} associations around this one; the strongest are listed below`}
            onOpen={(other) => router.push(href('/memory', { id: other }))}
          />
          <Stack gap={4} mt="xs" component="ul" p={0} style={{ listStyle: 'none' }}>
            {data.edges
              .filter(({ from, to }) => from === id || to === id)
              .toSorted((a, b) => b.strength - a.strength)
              .slice(0, nearest)
              .map(({ from, to, strength, count }) => {
                const other = from === id ? to : from;
                return (
                  <Group key={other} component="li" gap="xs" wrap="nowrap">
                    <Text size="xs" className="console-number" w={86} style={{ flexShrink: 0 }}>
                      {strength.toFixed(3)} · {count}×
                    </Text>
                    <Anchor component={Link} href={href('/memory', { id: other })} size="sm" c="inherit" truncate>
                      {words.get(other)}
                    </Anchor>
                  </Group>
                );
              })}
          </Stack>
          {data.truncated && (
            <Text size="xs" className="console-quiet">
              Not all are shown.
            </Text>
          )}
        </>
      )}
    </Panel>
  );
}
