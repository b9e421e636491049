'use client';

import type { BenchRunSummary } from '@anima/client';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useUrlState } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { Choice, chosenRow } from '../../parts/choice.tsx';

export const verdictColors = { passed: 'teal', failed: 'red', reported: 'gray' } as const;

interface RunListProps {
  readonly runs: readonly BenchRunSummary[];
  readonly chosen: string | undefined;
  readonly other: string | undefined;
}

/** Runs, latest first: one is looked at, another of the same scenario is compared with it. */
export function RunList({ runs, chosen, other }: RunListProps) {
  const [, change] = useUrlState();
  const scenario = runs.find(({ id }) => id === chosen)?.bench;
  return (
    <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {runs.map(({ id, bench, title, at, verdict }) => (
        <Group key={id} component="li" gap="xs" wrap="nowrap" {...chosenRow(id === chosen)}>
          <Badge color={verdictColors[verdict]} style={{ flexShrink: 0 }}>
            {verdict}
          </Badge>
          <Choice
            {...{ c: 'inherit', truncate: true, style: { flex: 1, minWidth: 0 } }}
            isChosen={id === chosen}
            onChoose={() => change({ run: id, with: undefined })}
          >
            {bench}: {title}
          </Choice>
          <Text size="xs" className="console-quiet">
            <Ago at={at} />
          </Text>
          {id !== chosen && bench === scenario && (
            <Button
              size="compact-xs"
              variant={id === other ? 'filled' : 'subtle'}
              onClick={() => change({ run: chosen, with: id === other ? undefined : id })}
            >
              compare
            </Button>
          )}
        </Group>
      ))}
    </Stack>
  );
}
