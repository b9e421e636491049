'use client';

import type { BenchMeasure, BenchRunSummary } from '@anima/client';
import { SimpleGrid, Text, useComputedColorScheme } from '@mantine/core';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { keepsTarget, written } from './measured.ts';

/** Measures that are drawn: those with a target first. */
const drawn = 12;

/** Each measure of a scenario over its runs, against its target. */
export function History({ runs }: { readonly runs: readonly BenchRunSummary[] }) {
  const latest = runs[0];
  if (!latest || runs.length < 2) return null;
  const measures = latest.measures
    .toSorted((a, b) => Number(b.target !== undefined) - Number(a.target !== undefined))
    .slice(0, drawn);
  return (
    <Panel title={`History of ${latest.bench}`} aside={<Text size="xs">{runs.length} runs</Text>}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {measures.map((measure) => (
          <MeasureHistory key={measure.name} measure={measure} runs={runs} />
        ))}
      </SimpleGrid>
    </Panel>
  );
}

interface MeasureHistoryProps {
  readonly measure: BenchMeasure;
  readonly runs: readonly BenchRunSummary[];
}

function MeasureHistory({ measure, runs }: MeasureHistoryProps) {
  const scheme = useComputedColorScheme('light');
  const inOrder = runs.toReversed();
  const values = inOrder.map(({ measures }) => measures.find(({ name }) => name === measure.name)?.value ?? null);
  const now = written(measure.value, measure.unit);
  const kept = keepsTarget(measure);
  const target = measure.target === undefined ? {} : { target: measure.target };
  const words =
    measure.target === undefined
      ? ''
      : `, ${measure.better === 'lower' ? 'at most' : 'at least'} ${written(measure.target, measure.unit)} wanted`;
  return (
    <div>
      <Text size="sm" {...(kept === false ? { c: 'red' } : {})}>
        {`${measure.name}: ${now}${words}`}
      </Text>
      <TimeChart
        {...target}
        label={`${measure.name} over ${runs.length} runs: ${now} at last${words}`}
        times={inOrder.map(({ at }) => Date.parse(at))}
        lines={[{ label: measure.name, color: scheme === 'light' ? '#0b7285' : '#3bc9db', values, points: true }]}
        height={110}
      />
    </div>
  );
}
