'use client';

import { Anchor, Badge, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { useUrlState } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Cells } from './cells.tsx';
import { verdictColors } from './run-list.tsx';

/** The scenario that compares a build with those before it. */
const gate = 'check';
const words = {
  passed: 'No operation became slower',
  failed: 'Something became slower',
  reported: 'Not known: there is no baseline, or too much noise',
} as const;

/** What the regression gate said last of each operation; nothing where it was never asked. */
export function Gate() {
  const trpc = useTRPC();
  const [, change] = useUrlState();
  const list = useQuery(trpc.bench.list.queryOptions({ bench: gate, limit: 1 }));
  const latest = list.data?.runs[0];
  const run = useQuery({ ...trpc.bench.get.queryOptions({ id: latest?.id ?? '' }), enabled: latest !== undefined });
  if (!latest) return null;
  const [judged] = (run.data?.blocks ?? []).flatMap((block) =>
    block.kind === 'table' && block.columns.some(({ name }) => name === 'verdict') ? [block] : [],
  );
  return (
    <Panel
      title="Regression gate"
      aside={
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" className="console-quiet">
            <Ago at={latest.at} />
          </Text>
          <Badge color={verdictColors[latest.verdict]}>{latest.verdict}</Badge>
        </Group>
      }
    >
      <Text size="sm" mb="xs">
        {words[latest.verdict]}.{' '}
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => change({ bench: gate, run: latest.id, with: undefined })}
        >
          The whole run
        </Anchor>
      </Text>
      {run.data && run.data.failures.length > 0 && (
        <List size="sm" mb="xs">
          {run.data.failures.map((failure) => (
            <List.Item key={failure}>{failure}</List.Item>
          ))}
        </List>
      )}
      {judged && <Cells {...judged} />}
    </Panel>
  );
}
