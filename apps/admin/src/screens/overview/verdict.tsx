'use client';

import { Group, Paper, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconLoader, IconPlugConnectedX } from '@tabler/icons-react';
import { useLive } from '../../live/live-provider.tsx';
import { count } from '../../parts/numbers.ts';
import { healthOf } from './health.ts';

const looks = {
  unknown: { icon: IconLoader, color: 'gray', words: 'Looking …' },
  well: { icon: IconCircleCheck, color: 'teal', words: 'All is well' },
  strained: { icon: IconAlertTriangle, color: 'orange', words: 'Needs a look' },
  away: { icon: IconPlugConnectedX, color: 'red', words: 'The server is away' },
} as const;

/** In one line, whether all is well, and if not, what is not. */
export function Verdict({ memories }: { readonly memories: number | undefined }) {
  const { connection, samples } = useLive();
  const { state, problems } = healthOf(connection, samples);
  const { icon: Icon, color, words } = looks[state];
  return (
    <Paper mb="sm" style={{ borderLeft: `4px solid var(--mantine-color-${color}-6)` }} data-health={state}>
      <Group gap="sm" wrap="nowrap" align="center">
        <Icon size={26} stroke={1.8} color={`var(--mantine-color-${color}-6)`} aria-hidden />
        <div>
          <Title order={1}>{words}</Title>
          <Text size="sm" className="console-quiet">
            {problems.length > 0
              ? problems.join(' · ')
              : memories === undefined
                ? ' '
                : `${count(memories)} live memories; answers within their targets, folds up to date`}
          </Text>
        </div>
      </Group>
    </Paper>
  );
}
