'use client';

import { Grid, Group, Select, Stack, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTRPC, useTRPCClient } from '../../frame/api.ts';
import { useUrlState } from '../../frame/url.ts';
import { More } from '../../parts/more.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { Comparison } from './comparison.tsx';
import { Gate } from './gate.tsx';
import { History } from './history.tsx';
import { OneRun } from './one-run.tsx';
import { RunList } from './run-list.tsx';

const refreshMs = 5_000;

/** Runs of the bench that this server was told of: one in detail, two compared, each measure over time. */
export function Benchmarks() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [params, change] = useUrlState();
  const bench = params.get('bench') ?? undefined;
  const list = useInfiniteQuery({
    queryKey: ['bench', bench],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.bench.list.query(
        { limit: 50, ...(bench ? { bench } : {}), ...(cursor === null ? {} : { cursor }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: refreshMs,
    placeholderData: (before) => before,
  });
  const runs = list.data?.pages.flatMap((page) => page.runs) ?? [];
  const chosen = params.get('run') ?? runs[0]?.id;
  const other = params.get('with') ?? undefined;
  const run = useQuery({ ...trpc.bench.get.queryOptions({ id: chosen ?? '' }), enabled: chosen !== undefined });
  const summary = (id: string | undefined) => runs.find((one) => one.id === id);
  const [now, before] = [summary(chosen), summary(other)];
  const benches = [...new Set([...runs.map((one) => one.bench), ...(bench ? [bench] : [])])].toSorted();
  return (
    <>
      <Group justify="space-between" mb="xs" align="end">
        <Title order={1}>Benchmarks</Title>
        <Select
          {...{ size: 'xs', w: 180, label: 'Scenario', clearable: true, data: benches, value: bench ?? null }}
          placeholder="all"
          onChange={(value) => change({ bench: value ?? undefined, run: undefined, with: undefined })}
        />
      </Group>
      {list.error ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <Loading rows={12} />
      ) : runs.length === 0 ? (
        <Nothing title="No run was recorded yet">
          <code>npm run bench</code> tells a running server of each run.
        </Nothing>
      ) : (
        <Grid gap="sm">
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Panel title="Runs">
              <RunList runs={runs} chosen={chosen} other={other} />
              <More of={list} />
            </Panel>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Stack gap="sm">
              {now?.bench !== 'check' && <Gate />}
              {now && before && before.id !== now.id && <Comparison now={now} before={before} />}
              {run.error ? (
                <Failure error={run.error} retry={() => void run.refetch()} />
              ) : run.data ? (
                <OneRun run={run.data} />
              ) : (
                <Loading rows={8} />
              )}
              {now && <History runs={runs.filter((one) => one.bench === now.bench)} />}
            </Stack>
          </Grid.Col>
        </Grid>
      )}
    </>
  );
}
