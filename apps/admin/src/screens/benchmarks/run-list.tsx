'use client';

import type { BenchRunSummary } from '@anima/client';
import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useUrlState } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';

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
        <Group
          key={id}
          component="li"
          gap="xs"
          wrap="nowrap"
          {...(id === chosen ? { bg: 'var(--mantine-color-default-hover)' } : {})}
        >
          <Badge color={verdictColors[verdict]} style={{ flexShrink: 0 }}>
            {verdict}
          </Badge>
          <Anchor
            component="button"
            type="button"
            size="sm"
            c="inherit"
            truncate
            ta="left"
            style={{ flex: 1, minWidth: 0 }}
            aria-pressed={id === chosen}
            onClick={() => change({ run: id, with: undefined })}
          >
            {bench}: {title}
          </Anchor>
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
