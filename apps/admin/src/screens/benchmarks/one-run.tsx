'use client';

import type { BenchRun } from '@anima/client';
import { Badge, Group, List, Spoiler, Stack, Table, Text } from '@mantine/core';
import { Panel } from '../../parts/panel.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { Block } from './block.tsx';
import { keepsTarget, written } from './measured.ts';
import { verdictColors } from './run-list.tsx';

/** All that a run reported. */
export function OneRun({ run }: { readonly run: BenchRun }) {
  const { title, at, verdict, failures, measures, blocks, settings, machine, versions } = run;
  return (
    <Panel title={title} aside={<Badge color={verdictColors[verdict]}>{verdict}</Badge>}>
      <Stack gap="md">
        <Text size="xs" className="console-quiet">
          {new Date(at).toLocaleString()}
        </Text>
        {failures.length > 0 && (
          <List size="sm">
            {failures.map((failure) => (
              <List.Item key={failure}>{failure}</List.Item>
            ))}
          </List>
        )}
        <WideTable minWidth={420}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Measure</Table.Th>
              <Table.Th ta="right">Value</Table.Th>
              <Table.Th ta="right">Target</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {measures.map((measure) => (
              <Table.Tr key={measure.name}>
                <Table.Td>{measure.name}</Table.Td>
                <Table.Td ta="right" className="console-number">
                  {written(measure.value, measure.unit)}
                </Table.Td>
                <Table.Td ta="right" className="console-number">
                  {measure.target !== undefined && (
                    <Badge color={keepsTarget(measure) ? 'teal' : 'red'}>
                      {`${measure.better === 'lower' ? '≤' : '≥'} ${written(measure.target, measure.unit)}`}
                    </Badge>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
        {blocks.map((block) => (
          <Block key={`${block.kind} ${block.title}`} block={block} />
        ))}
        <Spoiler maxHeight={64} showLabel="All of settings, machine and versions" hideLabel="Less">
          <Group gap="md">
            {Object.entries({ ...settings, ...machine, ...versions }).map(([name, value]) => (
              <Text key={name} size="xs" className="console-quiet">
                {`${name}: ${String(value)}`}
              </Text>
            ))}
          </Group>
        </Spoiler>
      </Stack>
    </Panel>
  );
}
