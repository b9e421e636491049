'use client';

import type { EventEntry } from '@anima/client';
import { Anchor, Badge, Code, Group, Paper, Table, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import Link from 'next/link';
import { Fragment, useState } from 'react';
import { useHref } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { nameOfType } from './event-types.ts';

const colors: Readonly<Record<string, string>> = {
  added: 'teal',
  accessed: 'gray',
  cited: 'blue',
  merged: 'grape',
  forgotten: 'red',
  erased: 'red',
};

/** Events, each with what it says and which memories it changed when it is opened. */
export function EventTable({ events }: { readonly events: readonly EventEntry[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <Paper p={0}>
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={110}>Position</Table.Th>
              <Table.Th w={100}>When</Table.Th>
              <Table.Th w={180}>Type</Table.Th>
              <Table.Th w={110}>Memories</Table.Th>
              <Table.Th>Conversation</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {events.map((event) => {
              const isOpen = event.id === open;
              const Chevron = isOpen ? IconChevronDown : IconChevronRight;
              return (
                <Fragment key={event.id}>
                  <Table.Tr>
                    <Table.Td>
                      <UnstyledButton
                        aria-expanded={isOpen}
                        aria-label={`Event ${event.position}`}
                        onClick={() => setOpen(isOpen ? undefined : event.id)}
                      >
                        <Group gap={4} wrap="nowrap">
                          <Chevron size={14} />
                          <Text size="sm" className="console-number">
                            {event.position}
                          </Text>
                        </Group>
                      </UnstyledButton>
                    </Table.Td>
                    <Table.Td className="console-quiet">
                      <Ago at={event.at} />
                    </Table.Td>
                    <Table.Td>
                      <Badge color={colors[nameOfType(event.type)] ?? 'gray'}>{nameOfType(event.type)}</Badge>
                    </Table.Td>
                    <Table.Td className="console-number">{event.memoryIds.length}</Table.Td>
                    <Table.Td className="console-quiet">{event.conversation}</Table.Td>
                  </Table.Tr>
                  {isOpen && (
                    <Table.Tr>
                      <Table.Td colSpan={5}>
                        <Details event={event} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Details({ event }: { readonly event: EventEntry }) {
  const href = useHref();
  return (
    <>
      <Code block>{JSON.stringify(event.payload, null, 2)}</Code>
      <Group gap="xs" mt="xs">
        {event.memoryIds.map((id) => (
          <Anchor key={id} component={Link} href={href('/memory', { id })} size="xs" ff="monospace">
            {id}
          </Anchor>
        ))}
      </Group>
      <Text size="xs" className="console-quiet" mt={4}>
        event {event.id}, recorded {new Date(event.at).toLocaleString()};{' '}
        <Anchor component={Link} href={href('/recall', { asOf: String(event.position) })} size="xs">
          recall as of here
        </Anchor>
      </Text>
    </>
  );
}
