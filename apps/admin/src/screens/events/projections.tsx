'use client';

import type { Checkpoint } from '@anima/client';
import { Badge, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { count, milliseconds } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { Rebuild } from './rebuild.tsx';

const refreshMs = 2_000;

/** What is made of the log, over all spaces: how far each part of it has come, and the way to make it anew. */
export function Projections() {
  const trpc = useTRPC();
  const checkpoints = useQuery({ ...trpc.projections.checkpoints.queryOptions(), refetchInterval: refreshMs });
  return (
    <Panel title="Made of the log">
      {checkpoints.error ? (
        <Failure error={checkpoints.error} retry={() => void checkpoints.refetch()} />
      ) : !checkpoints.data ? (
        <Loading rows={4} />
      ) : checkpoints.data.length === 0 ? (
        <Nothing title="The log is empty" />
      ) : (
        <Followers checkpoints={checkpoints.data} />
      )}
      <Rebuild />
    </Panel>
  );
}

function Followers({ checkpoints }: { readonly checkpoints: readonly Checkpoint[] }) {
  const followers = [...Map.groupBy(checkpoints, ({ name }) => name)].map(([name, shards]) => ({
    name,
    folded: shards.reduce((sum, { position }) => sum + position, 0),
    behind: shards.reduce((sum, { head, position }) => sum + head - position, 0),
    lagMs: Math.max(...shards.map(({ lagMs }) => lagMs)),
    shards: shards.length,
    rules: Math.max(...shards.map(({ rulesVersion }) => rulesVersion)),
  }));
  return (
    <WideTable minWidth={300}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Follower</Table.Th>
          <Table.Th ta="right">Events</Table.Th>
          <Table.Th ta="right">Lag</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {followers.map(({ name, folded, behind, lagMs, shards, rules }) => (
          <Table.Tr key={name}>
            <Table.Td>
              {wordsFor(name)}
              <Text size="xs" className="console-quiet">
                {`${shards} ${shards === 1 ? 'shard' : 'shards'}, rules ${rules}`}
              </Text>
            </Table.Td>
            <Table.Td ta="right" className="console-number">
              {count(folded)}
            </Table.Td>
            <Table.Td ta="right" className="console-number">
              {behind === 0 ? (
                <Badge color="teal">up to date</Badge>
              ) : (
                <Badge color="orange">{`${count(behind)} behind, ${milliseconds(lagMs)}`}</Badge>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function wordsFor(name: string): string {
  if (name.startsWith('vectors_')) return `vectors of model ${name.slice('vectors_'.length)}`;
  if (name.startsWith('consolidated_')) return `comparison by model ${name.slice('consolidated_'.length)}`;
  return { memory_state: 'states of memories', associations: 'associations', lexemes: 'counts of words' }[name] ?? name;
}
