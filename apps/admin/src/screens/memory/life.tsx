'use client';

import type { HistoryEntry } from '@anima/client';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { Panel } from '../../parts/panel.tsx';
import { tiers } from '../../parts/tiers.ts';
import { type ChartLine, TimeChart } from '../../parts/time-chart.tsx';

const shades = { light: { phi: '#0b7285', tier: '#b84a08' }, dark: { phi: '#3bc9db', tier: '#ffa94d' } };

/** φ and tier after each event of its story, from the log. */
export function Life({ events }: { readonly events: readonly HistoryEntry[] }) {
  const colors = shades[useComputedColorScheme('light')];
  const inOrder = events.toReversed();
  const now = inOrder.at(-1)?.state;
  const lines: ChartLine[] = [
    {
      ...{ label: 'φ', color: colors.phi, filled: true, stepped: true },
      values: inOrder.map(({ state }) => state.resonancePhi),
    },
    {
      ...{ label: 'tier', color: colors.tier, stepped: true, dashed: true },
      values: inOrder.map(({ state }) => tiers.indexOf(state.tier)),
    },
  ];
  return (
    <Panel
      title="φ and tier over time"
      aside={
        <Group gap="sm">
          <Text size="xs" fw={600} c={colors.phi}>
            φ {now?.resonancePhi.toFixed(2) ?? '–'}
          </Text>
          <Text size="xs" fw={600} c={colors.tier}>
            tier {now?.tier ?? '–'} (dashed)
          </Text>
        </Group>
      }
    >
      <TimeChart
        label={`φ ${now?.resonancePhi.toFixed(2) ?? 'unknown'} and tier ${now?.tier ?? 'unknown'} after ${events.length} events`}
        times={inOrder.map(({ at }) => Date.parse(at))}
        lines={lines}
        height={170}
        least={5}
        most={5}
      />
      <Text size="xs" className="console-quiet">
        tier 0 active, 1 thread, 2 stable, 3 network; by {events.length} events of the log
      </Text>
    </Panel>
  );
}
