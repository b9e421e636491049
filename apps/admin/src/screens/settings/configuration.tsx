'use client';

import { Badge, Code, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

/** What the server was started with, and where each value came from. */
export function Configuration() {
  const trpc = useTRPC();
  const settings = useQuery(trpc.meta.settings.queryOptions());
  return (
    <Panel title="Configuration in force">
      {settings.error ? (
        <Failure error={settings.error} retry={() => void settings.refetch()} />
      ) : !settings.data ? (
        <Loading rows={12} />
      ) : (
        <WideTable minWidth={420}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Setting</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>From</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settings.data.map(({ name, value, source, isSecret }) => (
              <Table.Tr key={name}>
                <Table.Td>
                  <Code>{name}</Code>
                </Table.Td>
                <Table.Td style={{ wordBreak: 'break-all' }}>
                  {value === null ? (
                    <Text size="sm" className="console-quiet">
                      not set
                    </Text>
                  ) : (
                    <Text size="sm" span aria-label={isSecret ? 'a secret that is set' : undefined}>
                      {value}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {source === 'environment' ? (
                    <Badge color="blue">environment</Badge>
                  ) : (
                    <Text size="xs" className="console-quiet">
                      default
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <Text size="xs" className="console-quiet" mt="xs">
        Settings are read from the environment when the server starts; change them there, and restart it.
      </Text>
    </Panel>
  );
}
