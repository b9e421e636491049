'use client';

import type { LogEventResult, StateView } from '@anima/client';
import { Anchor, Code, Drawer, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '../../frame/api.ts';
import { useHref, useSpace, useUrlState } from '../../frame/url.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { isKind, kinds, tell } from './told.ts';

/** One event: what it says, and what it made of the memories that it names. */
export function EventDrawer() {
  const space = useSpace();
  const trpc = useTRPC();
  const [params, change] = useUrlState();
  const position = Number(params.get('event'));
  const isOpen = Number.isInteger(position) && position > 0;
  const event = useQuery({ ...trpc.events.get.queryOptions({ position, space }), enabled: isOpen });
  return (
    <Drawer
      {...{ opened: isOpen, position: 'right', size: 'lg', title: `Event ${position}` }}
      onClose={() => change({ event: undefined })}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {event.error ? (
        <Failure error={event.error} retry={() => void event.refetch()} />
      ) : event.data ? (
        <Details result={event.data} />
      ) : (
        <Loading rows={8} />
      )}
    </Drawer>
  );
}

function Details({ result: { event, effects } }: { readonly result: LogEventResult }) {
  const href = useHref();
  const facts: readonly (readonly [string, string | null])[] = [
    ['What', `${isKind(event.type) ? kinds[event.type] : event.type}: ${tell(event)}`],
    ['Type', event.type],
    ['Recorded', new Date(event.at).toLocaleString()],
    ['Conversation', event.conversation],
    ['Id', event.eventId],
  ];
  return (
    <Stack gap="md">
      <Table>
        <Table.Tbody>
          {facts.map(
            ([name, value]) =>
              value !== null && (
                <Table.Tr key={name}>
                  <Table.Th w={110}>{name}</Table.Th>
                  <Table.Td style={{ wordBreak: 'break-word' }}>{value}</Table.Td>
                </Table.Tr>
              ),
          )}
        </Table.Tbody>
      </Table>
      <Anchor component={Link} href={href('/recall', { asOf: String(event.position) })} size="sm">
        Recall as of this event
      </Anchor>
      <div>
        <Text size="sm" fw={600} mb={4}>
          Payload
        </Text>
        <Code block>{JSON.stringify(event.payload, null, 2)}</Code>
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          What it changed
        </Text>
        {effects.length === 0 && (
          <Text size="sm" className="console-quiet">
            It names no memory.
          </Text>
        )}
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {effects.map(({ memoryId, excerpt, before, after }) => (
            <li key={memoryId}>
              <Anchor component={Link} href={href('/memory', { id: memoryId })} size="sm" c="inherit" lineClamp={2}>
                {excerpt ?? 'erased'}
              </Anchor>
              <Group gap="md">
                {changesOf(before, after).map((words) => (
                  <Text key={words} size="xs" className="console-quiet console-number">
                    {words}
                  </Text>
                ))}
              </Group>
            </li>
          ))}
        </Stack>
      </div>
    </Stack>
  );
}

/** What is other after an event than before it, in words. */
function changesOf(before: StateView | null, after: StateView): readonly string[] {
  if (!before) return ['new', `φ ${after.resonancePhi.toFixed(3)}`, after.tier];
  const sides = [
    ['φ', before.resonancePhi.toFixed(3), after.resonancePhi.toFixed(3)],
    ['accesses', before.accessCount, after.accessCount],
    ['tier', before.tier, after.tier],
    ['catalyst', before.isCatalyst ? 'yes' : 'no', after.isCatalyst ? 'yes' : 'no'],
    ['is', before.visibility, after.visibility],
  ] as const;
  const changed = sides.filter(([, then, now]) => then !== now).map(([name, then, now]) => `${name} ${then} → ${now}`);
  return changed.length > 0 ? changed : ['state unchanged'];
}
