'use client';

import type { Job, JobState } from '@anima/client';
import { Badge, Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { Ago } from '../../parts/ago.tsx';
import { milliseconds } from '../../parts/numbers.ts';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

const colors: Readonly<Record<JobState, string>> = {
  waiting: 'gray',
  active: 'blue',
  failed: 'red',
  completed: 'teal',
};

/** Jobs, the newest first: those that failed with why, and the way to have them done anew. */
export function JobTable({ jobs }: { readonly jobs: readonly Job[] }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const retry = async ({ queue, jobId }: Job) => {
    try {
      await client.jobs.retry.mutate({ queue, jobId });
      await queries.invalidateQueries();
      sayDone('It is done anew');
    } catch (error) {
      sayFailed(error);
    }
  };
  return (
    <WideTable minWidth={680}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>State</Table.Th>
          <Table.Th>Queue</Table.Th>
          <Table.Th ta="right">Shard</Table.Th>
          <Table.Th>Sent</Table.Th>
          <Table.Th ta="right">Took</Table.Th>
          <Table.Th>Reason</Table.Th>
          <Table.Th>
            <VisuallyHidden>Retry</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {jobs.map((job) => (
          <Table.Tr key={job.jobId}>
            <Table.Td>
              <Badge color={colors[job.state]}>{job.state}</Badge>
            </Table.Td>
            <Table.Td>{job.queue}</Table.Td>
            <Table.Td ta="right" className="console-number">
              {job.shard ?? 'all'}
            </Table.Td>
            <Table.Td className="console-quiet">
              <Ago at={job.createdAt} />
            </Table.Td>
            <Table.Td ta="right" className="console-number console-quiet">
              {job.startedAt && job.endedAt ? milliseconds(Date.parse(job.endedAt) - Date.parse(job.startedAt)) : '–'}
            </Table.Td>
            <Table.Td>
              <Text size="sm" lineClamp={3}>
                {job.reason}
              </Text>
            </Table.Td>
            <Table.Td ta="right">
              {job.state === 'failed' && (
                <Button variant="light" leftSection={<IconRefresh size={14} />} onClick={() => void retry(job)}>
                  Retry
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
