'use client';

import { Button, Group, Table, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';
import { spaceParam, useSpace, useUrlState } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { Choice, chosenRow } from '../../parts/choice.tsx';
import { More } from '../../parts/more.tsx';
import { Panel } from '../../parts/panel.tsx';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

/** All spaces by name: found, created, chosen. What is below is of the one that is chosen. */
export function Spaces() {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const chosen = useSpace();
  const [, change] = useUrlState();
  const [written, setWritten] = useState('');
  const name = written.trim();
  const list = useInfiniteQuery({
    queryKey: ['spaces', name],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.spaces.list.query(
        { limit: 20, ...(name ? { search: name } : {}), ...(cursor === null ? {} : { cursor }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  });
  const spaces = list.data?.pages.flatMap((page) => page.spaces) ?? [];
  const create = async () => {
    try {
      await client.spaces.configure.mutate({ space: name, settings: {} });
      await queries.invalidateQueries();
      setWritten('');
      change({ space: spaceParam(name) });
      sayDone(`“${name}” is there`);
    } catch (error) {
      sayFailed(error);
    }
  };
  const isNew = name !== '' && !spaces.some(({ space }) => space === name);
  return (
    <Panel title="Spaces">
      <Group gap="xs" align="end" mb="xs">
        <TextInput
          {...{ label: 'Find, or name a new one', value: written, maxLength: 100, w: 240 }}
          onChange={({ currentTarget }) => setWritten(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === 'Enter' && isNew) void create();
          }}
        />
        <Button leftSection={<IconPlus size={14} />} disabled={!isNew} onClick={() => void create()}>
          Create
        </Button>
      </Group>
      {list.error ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <Loading rows={4} />
      ) : spaces.length === 0 ? (
        <Nothing title={name ? 'No space is called so' : 'There are no spaces yet'} />
      ) : (
        <WideTable minWidth={420}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Space</Table.Th>
              <Table.Th>Model</Table.Th>
              <Table.Th>Decides for itself</Table.Th>
              <Table.Th>Made</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {spaces.map(({ space, model, settings, createdAt }) => (
              <Table.Tr key={space} {...chosenRow(space === chosen)}>
                <Table.Td>
                  <Choice isChosen={space === chosen} onChoose={() => change({ space: spaceParam(space) })}>
                    {space}
                  </Choice>
                </Table.Td>
                <Table.Td>{`${model.provider}/${model.name}`}</Table.Td>
                <Table.Td className="console-quiet">
                  <Text size="xs">{Object.keys(settings).join(', ') || 'nothing'}</Text>
                </Table.Td>
                <Table.Td className="console-quiet">
                  <Ago at={createdAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <More of={list} label="More" />
    </Panel>
  );
}
