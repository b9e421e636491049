'use client';

import type { SpaceOverview } from '@anima/client';
import { Group, Progress, SimpleGrid, Stack, Text, Tooltip, useComputedColorScheme } from '@mantine/core';
import { count, percent } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import classes from './holdings.module.css';

/** What the space holds: its memories by tier, by φ and over time. */
export function Holdings({ overview }: { readonly overview: SpaceOverview }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm">
      <Tiers overview={overview} />
      <Resonance classesOf={overview.resonance} />
      <Growth growth={overview.growth} />
    </SimpleGrid>
  );
}

function Tiers({ overview: { tiers, others } }: { readonly overview: SpaceOverview }) {
  const total = Object.values(tiers).reduce((sum, one) => sum + one, 0);
  const left = Object.entries(others).filter(([, memories]) => memories > 0);
  const words: Readonly<Record<string, string>> = { hidden: 'forgotten' };
  return (
    <Panel title="Tiers" aside={<Text size="xs">{count(total)} live</Text>}>
      <Stack gap={8}>
        {Object.entries(tiers).map(([tier, memories]) => (
          <Group key={tier} gap="xs" wrap="nowrap">
            <div style={{ width: 72 }}>
              <TierBadge tier={tier} />
            </div>
            <Progress
              value={total > 0 ? (memories / total) * 100 : 0}
              style={{ flex: 1 }}
              aria-label={`${tier}: ${memories}`}
            />
            <Text size="xs" w={56} ta="right" className="console-number">
              {count(memories)}
            </Text>
          </Group>
        ))}
        <Text size="xs" className="console-quiet">
          {left.length > 0
            ? left.map(([what, memories]) => `${count(memories)} ${words[what] ?? what}`).join(', ')
            : 'none forgotten, merged or expired'}
        </Text>
      </Stack>
    </Panel>
  );
}

function Resonance({ classesOf }: { readonly classesOf: readonly number[] }) {
  const total = classesOf.reduce((sum, one) => sum + one, 0);
  const most = Math.max(1, ...classesOf);
  const range = (index: number) => `${(index / 2).toFixed(1)}–${((index + 1) / 2).toFixed(1)}`;
  return (
    <Panel
      title="Resonance φ"
      aside={
        <Text size="xs" className="console-quiet">
          0 to 5
        </Text>
      }
    >
      <div
        className={classes.bars}
        role="img"
        aria-label={`Memories by φ: ${classesOf.map((memories, index) => `${range(index)}: ${memories}`).join(', ')}`}
      >
        {classesOf.map((memories, index) => (
          <Tooltip
            key={range(index)}
            label={`φ ${range(index)}: ${count(memories)} (${percent(total > 0 ? memories / total : 0)})`}
          >
            <div className={classes.column}>
              {/* By the square root, so that the few that resonate are seen beside the many that do not yet. */}
              <div className={classes.bar} style={{ height: `${Math.sqrt(memories / most) * 100}%` }} />
            </div>
          </Tooltip>
        ))}
      </div>
      <Group justify="space-between" mt={4}>
        {[0, 1, 2, 3, 4, 5].map((phi) => (
          <Text key={phi} size="xs" className="console-quiet">
            {phi}
          </Text>
        ))}
      </Group>
      <Text size="xs" className="console-quiet">
        heights by the square root
      </Text>
    </Panel>
  );
}

function Growth({ growth }: { readonly growth: SpaceOverview['growth'] }) {
  const scheme = useComputedColorScheme('light');
  const last = growth.at(-1);
  return (
    <Panel title="Memories over time" aside={<Text size="xs">{last ? count(last.memories) : '–'}</Text>}>
      <TimeChart
        label={`Memories over time: ${last?.memories ?? 0} now`}
        times={growth.map(({ at }) => Date.parse(at))}
        lines={[
          {
            ...{ label: 'memories', color: scheme === 'light' ? '#0b7285' : '#3bc9db', filled: true },
            values: growth.map(({ memories }) => memories),
          },
        ]}
        height={130}
        least={1}
      />
      <Text size="xs" className="console-quiet">
        live ones, by when they were added
      </Text>
    </Panel>
  );
}
