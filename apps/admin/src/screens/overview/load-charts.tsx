'use client';

import type { LiveSample } from '@anima/client';
import { SimpleGrid, Text, useComputedColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLive } from '../../live/live-provider.tsx';
import { count, milliseconds, percent } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { type ChartLine, TimeChart } from '../../parts/time-chart.tsx';

const shades = {
  light: { main: '#0b7285', second: '#e8590c', bad: '#e03131' },
  dark: { main: '#3bc9db', second: '#ffa94d', bad: '#ff8787' },
};

/** How much there is to do, and how the parts take it. */
export function LoadCharts() {
  const { samples } = useLive();
  const colors = shades[useComputedColorScheme('light')];
  const last = samples.at(-1);
  const database = samples.map((one) => one.database);
  const rate = (of: (sample: LiveSample) => number) => samples.map((one) => (of(one) / one.ms) * 1_000);
  const hitRates = warming(samples);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm" mt="sm">
      <LoadChart
        title="Requests"
        now={last && `${count(Math.round((last.operations / last.ms) * 10_000) / 10)}/s`}
        lines={[
          { label: 'requests/s', color: colors.main, values: rate(({ operations }) => operations), filled: true },
          { label: 'errors/s', color: colors.bad, values: rate(({ errors }) => errors) },
        ]}
        note={`${count(samples.reduce((sum, { errors }) => sum + errors, 0))} errors in a quarter of an hour`}
        least={1}
      />
      <LoadChart
        title="Embedding cache"
        now={hitRates.at(-1) == null ? '–' : percent(hitRates.at(-1) ?? 0)}
        lines={[
          { label: 'hit rate', color: colors.main, values: hitRates.map((one) => one && one * 100), filled: true },
        ]}
        note={last && `${count(last.cache.size)} of ${count(last.cache.maxSize)} kept; hits of the last minute`}
        unit="%"
        least={100}
        most={100}
      />
      <LoadChart
        title="Connections"
        now={last?.database ? `${last.database.pool.total - last.database.pool.idle} busy` : '–'}
        lines={[
          {
            label: 'open',
            color: colors.second,
            values: database.map((one) => one?.pool.total ?? null),
            stepped: true,
          },
          {
            ...{ label: 'busy', color: colors.main, filled: true, stepped: true },
            values: database.map((one) => (one ? one.pool.total - one.pool.idle : null)),
          },
          {
            label: 'waiting',
            color: colors.bad,
            values: database.map((one) => one?.pool.waiting ?? null),
            stepped: true,
          },
        ]}
        note={
          last?.database &&
          `${last.database.pool.total} open of ${last.database.pool.max}, ${last.database.pool.idle} idle, ${last.database.pool.waiting} waiting`
        }
        least={2}
      />
      <LoadChart
        title="Background work"
        now={last?.database ? `${count(last.database.folds.lagEvents)} to fold` : '–'}
        lines={[
          {
            label: 'events to fold',
            color: colors.main,
            values: database.map((one) => one?.folds.lagEvents ?? null),
            filled: true,
          },
          {
            label: 'jobs queued',
            color: colors.second,
            values: database.map((one) => (one ? one.jobs.queued + one.jobs.active : null)),
          },
          {
            label: 'vectors pending',
            color: colors.bad,
            values: database.map((one) => one?.pendingEmbeddings ?? null),
          },
        ]}
        note={
          last?.database &&
          `lag ${milliseconds(last.database.folds.lagMs)}, ${last.database.jobs.queued} jobs queued, ${last.database.pendingEmbeddings} vectors pending`
        }
        least={4}
      />
    </SimpleGrid>
  );
}

interface LoadChartProps {
  readonly title: string;
  readonly now: string | undefined;
  readonly lines: readonly ChartLine[];
  readonly note: ReactNode;
  readonly unit?: string;
  readonly least: number;
  readonly most?: number;
}

function LoadChart({ title, now = '–', lines, note, ...scale }: LoadChartProps) {
  const { samples } = useLive();
  return (
    <Panel
      title={title}
      aside={
        <Text size="sm" fw={600} className="console-number">
          {now}
        </Text>
      }
    >
      <TimeChart label={`${title}: ${now}`} times={samples.map(({ at }) => at)} lines={lines} height={96} {...scale} />
      <Text size="xs" className="console-quiet console-number">
        {note ?? ' '}
      </Text>
    </Panel>
  );
}

const warmingSamples = 30;

/** Share of look-ups of the last minute that found their vector; null where nothing was looked up. */
function warming(samples: readonly LiveSample[]): (number | null)[] {
  let hits = 0;
  let lookups = 0;
  return samples.map(({ cache }, index) => {
    const left = samples[index - warmingSamples]?.cache;
    hits += cache.hits - (left?.hits ?? 0);
    lookups += cache.hits + cache.misses - (left ? left.hits + left.misses : 0);
    return lookups > 0 ? hits / lookups : null;
  });
}
