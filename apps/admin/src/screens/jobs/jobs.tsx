'use client';

import type { JobState } from '@anima/client';
import { Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { useUrlState } from '../../frame/url.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { JobTable } from './job-table.tsx';
import { Queues } from './queues.tsx';

const refreshMs = 2_000;
const states: readonly JobState[] = ['waiting', 'active', 'failed', 'completed'];

/** What works in the background, over all spaces. */
export function Jobs() {
  const trpc = useTRPC();
  const [params, change] = useUrlState();
  const state = states.find((one) => one === params.get('state'));
  const queue = params.get('queue') ?? undefined;
  const jobs = useQuery({
    ...trpc.jobs.list.queryOptions({ state, queue }),
    refetchInterval: refreshMs,
    placeholderData: (before) => before,
  });
  return (
    <>
      <Title order={1} mb="xs">
        Jobs
      </Title>
      {jobs.error ? (
        <Failure error={jobs.error} retry={() => void jobs.refetch()} />
      ) : !jobs.data ? (
        <Loading rows={12} />
      ) : (
        <Stack gap="sm">
          <Queues
            queues={jobs.data.queues}
            chosen={queue}
            onChoose={(name) => change({ queue: name === queue ? undefined : name })}
          />
          <Panel
            title={queue ? `Jobs of ${queue}` : 'Jobs'}
            aside={
              <SegmentedControl
                {...{ size: 'xs', value: state ?? 'all', data: ['all', ...states] }}
                onChange={(chosen) => change({ state: chosen === 'all' ? undefined : chosen })}
                aria-label="Which jobs"
              />
            }
          >
            {jobs.data.jobs.length === 0 ? (
              <Nothing title={state === 'failed' ? 'Nothing failed lately' : 'None'}>
                What is done is forgotten after ten minutes.
              </Nothing>
            ) : (
              <JobTable jobs={jobs.data.jobs} />
            )}
          </Panel>
          <Group>
            <Text size="xs" className="console-quiet">
              A job is a hint that a shard has something to do; what is to do stands in the log, so that a lost or
              failed job loses nothing. What failed is tried again by itself as well, within 15 s.
            </Text>
          </Group>
        </Stack>
      )}
    </>
  );
}
