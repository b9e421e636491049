'use client';

import type { LiveSample } from '@anima/client';
import { Group, SimpleGrid, Text, useComputedColorScheme } from '@mantine/core';
import { useLive } from '../../live/live-provider.tsx';
import { count, milliseconds } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { type Target, targets } from './health.ts';

const shades = {
  light: { p50: '#247336', p95: '#1864ab', p99: '#862e9c' },
  dark: { p50: '#69db7c', p95: '#74c0fc', p99: '#e599f7' },
};
const titles: Readonly<Record<Target, string>> = { query: 'Query', add: 'Add', bootstrap: 'Bootstrap' };

/** The three promises: what an answer takes, against what it may take. */
export function LatencyCharts() {
  const { samples } = useLive();
  return (
    <SimpleGrid cols={{ base: 1, md: 3 }} spacing="sm">
      {(Object.keys(titles) as Target[]).map((name) => (
        <LatencyChart key={name} name={name} samples={samples} />
      ))}
    </SimpleGrid>
  );
}

function LatencyChart({ name, samples }: { readonly name: Target; readonly samples: readonly LiveSample[] }) {
  const colors = shades[useComputedColorScheme('light')];
  const of = samples.map(({ latency }) => latency[name]);
  const latest = of.findLast(({ p95 }) => p95 !== null);
  const requests = of.reduce((sum, one) => sum + one.count, 0);
  const line = (key: 'p50' | 'p95' | 'p99') => ({
    label: key,
    color: colors[key],
    values: of.map((one) => one[key]),
    points: requests < 60,
  });
  const target = targets[name];
  const isOver = (latest?.p95 ?? 0) > target;
  return (
    <Panel
      title={titles[name]}
      aside={
        <Group gap="sm" wrap="nowrap" className="console-number">
          {(['p50', 'p95', 'p99'] as const).map((key) => (
            <Text key={key} size="xs" c={key === 'p95' && isOver ? 'red' : colors[key]} fw={600}>
              {key} {milliseconds(latest?.[key] ?? null)}
            </Text>
          ))}
        </Group>
      }
    >
      <TimeChart
        label={`${titles[name]}: p95 ${milliseconds(latest?.p95 ?? null)} at last, at most ${target} ms wanted, ${requests} requests in a quarter of an hour`}
        times={samples.map(({ at }) => at)}
        lines={[line('p50'), line('p95'), line('p99')]}
        target={target}
        unit=" ms"
        height={170}
      />
      <Text size="xs" className="console-quiet">
        {requests === 0
          ? 'Nobody asked in the last quarter of an hour'
          : `${count(requests)} in the last quarter of an hour`}{' '}
        · target {target} ms (dashed)
      </Text>
    </Panel>
  );
}
