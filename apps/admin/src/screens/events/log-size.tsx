'use client';

import type { LogSizes } from '@anima/client';
import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { Ago } from '../../parts/ago.tsx';
import { bytes, count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

const refreshMs = 30_000;

/** How large the log of all spaces is, where it is, and how fast it grows. */
export function LogSize() {
  const trpc = useTRPC();
  const sizes = useQuery({ ...trpc.archive.sizes.queryOptions(), refetchInterval: refreshMs });
  return (
    <Panel title="Size of the log">
      {sizes.error ? (
        <Failure error={sizes.error} retry={() => void sizes.refetch()} />
      ) : !sizes.data ? (
        <Loading rows={3} />
      ) : (
        <Sizes sizes={sizes.data} />
      )}
    </Panel>
  );
}

function Sizes({ sizes: { events, eventsOfLastDay, table, archive } }: { readonly sizes: LogSizes }) {
  const rows = [
    { name: 'In the database', events: table.events, size: table.bytes },
    { name: 'Archived', events: archive.events, size: archive.bytes },
  ];
  return (
    <>
      <WideTable minWidth={280}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Where</Table.Th>
            <Table.Th ta="right">Events</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name, events: held, size }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right" className="console-number">
                {count(held)}
              </Table.Td>
              <Table.Td ta="right" className="console-number">
                {bytes(size)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Text size="xs" className="console-quiet" mt="xs">
        {`${count(events)} events in all, ${count(eventsOfLastDay)} of them within a day. `}
        {archive.place === null
          ? 'No archive is set up: all of them stay in the database.'
          : `After ${archive.keepDays} days they move to ${archive.place}. `}
        {archive.writtenAt !== null && (
          <>
            The newest of {count(archive.files)} files was written <Ago at={archive.writtenAt} />.
          </>
        )}
      </Text>
    </>
  );
}
