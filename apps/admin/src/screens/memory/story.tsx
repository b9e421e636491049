'use client';

import type { HistoryEntry } from '@anima/client';
import { SegmentedControl, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Ago } from '../../parts/ago.tsx';
import { More, type Pages } from '../../parts/more.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

interface StoryProps {
  /** Newest first. */
  readonly events: readonly HistoryEntry[];
  readonly pages: Pages;
}

const isAccess = ({ type }: HistoryEntry) => type === 'memory.accessed' || type === 'memory.cited';

/** What happened to it, the newest first: every access with its conversation, every change. */
export function Story({ events, pages }: StoryProps) {
  const [kind, setKind] = useState('all');
  const shown = kind === 'all' ? events : events.filter((event) => isAccess(event) === (kind === 'accesses'));
  return (
    <Panel
      title="Story"
      aside={
        <SegmentedControl
          {...{ size: 'xs', value: kind, onChange: setKind, data: ['all', 'accesses', 'changes'] }}
          aria-label="Which events"
        />
      }
    >
      <WideTable minWidth={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={90}>When</Table.Th>
            <Table.Th>What happened</Table.Th>
            <Table.Th>Conversation</Table.Th>
            <Table.Th ta="right">φ after</Table.Th>
            <Table.Th>Tier after</Table.Th>
            <Table.Th ta="right">Position</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((event) => (
            <Table.Tr key={event.eventId}>
              <Table.Td className="console-quiet">
                <Ago at={event.at} />
              </Table.Td>
              <Table.Td>{event.summary}</Table.Td>
              <Table.Td className="console-quiet">{event.conversation}</Table.Td>
              <Table.Td ta="right" className="console-number">
                {event.state.resonancePhi.toFixed(3)}
              </Table.Td>
              <Table.Td>
                <TierBadge tier={event.state.tier} />
              </Table.Td>
              <Table.Td ta="right" className="console-number console-quiet">
                {event.position}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {shown.length === 0 && (
        <Text size="sm" className="console-quiet">
          None of this kind.
        </Text>
      )}
      <More of={pages} />
    </Panel>
  );
}
