'use client';

import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { useSpace } from '../../frame/url.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { ActivityFeed } from './activity-feed.tsx';
import { Holdings } from './holdings.tsx';
import { LatencyCharts } from './latency-charts.tsx';
import { LoadCharts } from './load-charts.tsx';
import { Verdict } from './verdict.tsx';

/** How often what the space holds is asked for; the server counts a large space more rarely, ms. */
const refreshMs = 3_000;

/** Whether all is well, at a glance. */
export function Overview() {
  const space = useSpace();
  const trpc = useTRPC();
  const overview = useQuery({ ...trpc.spaces.overview.queryOptions({ space }), refetchInterval: refreshMs });
  const activity = useQuery({
    ...trpc.spaces.activity.queryOptions({ space, limit: 12 }),
    refetchInterval: refreshMs,
  });
  const memories = overview.data && Object.values(overview.data.tiers).reduce((sum, one) => sum + one, 0);
  return (
    <>
      <Verdict memories={memories} />
      <LatencyCharts />
      <LoadCharts />
      <SimpleGrid cols={{ base: 1 }} spacing="sm" mt="sm">
        {overview.data ? (
          <Holdings overview={overview.data} />
        ) : overview.error ? (
          <Failure error={overview.error} retry={() => void overview.refetch()} />
        ) : (
          <Loading rows={5} />
        )}
        {activity.data && <ActivityFeed activity={activity.data.activity} />}
      </SimpleGrid>
    </>
  );
}
