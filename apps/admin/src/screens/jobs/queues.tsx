'use client';

import type { JobQueue } from '@anima/client';
import { Badge, Table } from '@mantine/core';
import { Ago } from '../../parts/ago.tsx';
import { Choice, chosenRow } from '../../parts/choice.tsx';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

const purposes: Readonly<Record<string, string>> = {
  'anima-fold-memory-state': 'folds events into the states of memories',
  'anima-fold-associations': 'folds events into associations',
  'anima-count-lexemes': 'counts words',
  'anima-embed': 'makes vectors of what has none',
  'anima-consolidate': 'merges what says the same',
  'anima-reembed': 'gives spaces another model',
  'anima-decay': 'lets φ fade, once a month',
};

interface QueuesProps {
  readonly queues: readonly JobQueue[];
  readonly chosen: string | undefined;
  readonly onChoose: (queue: string) => void;
}

/** Each queue with what waits in it, is at work, failed, and was done lately. */
export function Queues({ queues, chosen, onChoose }: QueuesProps) {
  return (
    <Panel title="Queues">
      <WideTable minWidth={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Queue</Table.Th>
            <Table.Th visibleFrom="sm">What it does</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
            <Table.Th ta="right">Active</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th ta="right">Done</Table.Th>
            <Table.Th>Last done</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {queues.map(({ queue, jobs, completedAt }) => (
            <Table.Tr key={queue} {...chosenRow(queue === chosen)}>
              <Table.Td>
                <Choice isChosen={queue === chosen} onChoose={() => onChoose(queue)}>
                  {queue}
                </Choice>
              </Table.Td>
              <Table.Td className="console-quiet" visibleFrom="sm">
                {purposes[queue]}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {count(jobs.waiting)}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {count(jobs.active)}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {jobs.failed > 0 ? <Badge color="red">{count(jobs.failed)}</Badge> : 0}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {count(jobs.completed)}
              </Table.Td>
              <Table.Td className="console-quiet">{completedAt && <Ago at={completedAt} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Panel>
  );
}
