'use client';

import { Grid, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { count } from '../../parts/numbers.ts';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { Hubs } from './hubs.tsx';
import { NetworkPicture } from './network-picture.tsx';
import { Strengths } from './strengths.tsx';

/** How often two memories were recalled together at least, in the classes that strengths are told apart by. */
const leastOften = ['1', '3', '9', '31', '99', '316'];
const sizes = ['100', '300', '1000', '2000'];
const usualSize = '300';

/** Which memories belong together, because one conversation recalled them together. */
export function Associations() {
  const space = useSpace();
  const trpc = useTRPC();
  const [params, change] = useUrlState();
  const often = oneOf(leastOften, params.get('often')) ?? '1';
  const size = oneOf(sizes, params.get('size')) ?? usualSize;
  const minStrength = often === '1' ? undefined : strengthOf(Number(often));
  const network = useQuery({
    ...trpc.associations.network.queryOptions({ space, maxNodes: Number(size), minStrength }),
    placeholderData: (before) => before,
  });
  const hubs = useQuery(trpc.associations.hubs.queryOptions({ space, limit: 20, minConnections: 1 }));
  const stats = useQuery(trpc.associations.networkStats.queryOptions({ space }));
  const { data } = network;
  return (
    <>
      <Group justify="space-between" mb="xs" align="end">
        <Title order={1}>Associations</Title>
        <Group gap="xs">
          <Select
            {...{ size: 'xs', w: 150, label: 'Recalled together', allowDeselect: false, value: often }}
            data={leastOften.map((value) => ({ value, label: value === '1' ? 'at all' : `at least ${value} times` }))}
            onChange={(value) => change({ often: value === '1' ? undefined : (value ?? undefined) })}
          />
          <Select
            {...{ size: 'xs', w: 130, label: 'At most', allowDeselect: false, value: size }}
            data={sizes.map((value) => ({ value, label: `${count(Number(value))} memories` }))}
            onChange={(value) => change({ size: value === usualSize ? undefined : (value ?? undefined) })}
          />
        </Group>
      </Group>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          {network.error ? (
            <Failure error={network.error} retry={() => void network.refetch()} />
          ) : !data ? (
            <Loading rows={14} height={30} />
          ) : data.edges.length === 0 ? (
            <Nothing title={often === '1' ? 'No associations yet' : 'None were recalled together so often'}>
              Memories become associated when one conversation recalls them together: a query with a conversationId that
              finds two or more.
            </Nothing>
          ) : (
            <NetworkPicture network={data} />
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack gap="sm">
            {stats.data && <Strengths stats={stats.data} />}
            {hubs.error ? (
              <Failure error={hubs.error} retry={() => void hubs.refetch()} />
            ) : hubs.data ? (
              <Hubs hubs={hubs.data.hubs} />
            ) : (
              <Loading rows={8} />
            )}
          </Stack>
        </Grid.Col>
      </Grid>
      <Text size="xs" className="console-quiet" mt="xs">
        A strength is log10(1 + how often) / 10.
      </Text>
    </>
  );
}

const strengthOf = (times: number) => Math.log10(1 + times) / 10;

function oneOf(values: readonly string[], value: string | null): string | undefined {
  return values.find((one) => one === value);
}
