import type { BenchBlock, BenchMeasure } from '@anima/core';
import { median } from '../median.ts';
import { promised } from '../mix/operations.ts';
import { percentile } from '../percentile.ts';
import type { Findings } from '../report/report.ts';
import type { Compared, Side } from './measure.ts';

type Row = Compared & { readonly name: string };

/** Tables, bars and numbers of what was compared. */
export function describeAblation(
  compared: readonly Compared[],
): Pick<Findings, 'measures' | 'blocks' | 'failures' | 'data'> {
  const rows = compared.map((one) => ({ ...one, name: `${one.comparison.name}: ${one.comparison.operation}` }));
  return {
    measures: rows.flatMap(measuresOf),
    blocks: [tableOfRows(rows), barsOf(rows)],
    failures: rows.flatMap(({ name, after }) =>
      [...after.errors].map(([kind, times]) => `${name}: ${times} × ${kind}`),
    ),
    data: rows.map(({ name, callers, before, after }) => ({ name, callers, before: kept(before), after: kept(after) })),
  };
}

/** With everything turned back, today is held to what was promised: these are measured with a slow model. */
function measuresOf({ name, comparison, before, after }: Row): BenchMeasure[] {
  const value = factorOf(before, after);
  const factor: BenchMeasure = { name: `${name}, factor`, value, unit: 'ratio', better: 'higher' };
  if (comparison.name !== 'everything') return [factor];
  const p95 = { name: `${name}, p95 of today`, value: percentile(after.times, 95) };
  return [factor, { ...p95, target: promised[comparison.operation], unit: 'ms', better: 'lower' }];
}

function kept({ times, errors }: Side) {
  return { times: times.map((ms) => Number(ms.toFixed(2))), errors: Object.fromEntries(errors) };
}

function tableOfRows(rows: readonly Row[]): BenchBlock {
  const right = (name: string) => ({ name, align: 'right' as const });
  const left = (name: string) => ({ name, align: 'left' as const });
  const errorsOf = ({ errors }: Side) => [...errors.values()].reduce((sum, times) => sum + times, 0);
  return {
    kind: 'table',
    title: 'Turned back, one at a time',
    columns: [
      ...[left('turned back'), left('operation'), right('callers'), right('before p50, ms'), right('before p95, ms')],
      ...[right('after p50, ms'), right('after p95, ms'), right('factor'), right('failed before')],
    ],
    rows: rows.map(({ comparison, callers, before, after }) => [
      ...[comparison.name, comparison.operation, callers],
      ...[before, after].flatMap(({ times }) => [rounded(percentile(times, 50)), rounded(percentile(times, 95))]),
      ...[rounded(factorOf(before, after)), errorsOf(before)],
    ]),
    note: 'Before is with the old way in place of one fix, after is as Anima is; the factor is that of the medians.',
  };
}

function barsOf(rows: readonly Row[]): BenchBlock {
  return {
    kind: 'bars',
    title: 'p95 before and after',
    y: { label: 'ms', scale: 'log' },
    series: ['before', 'after'],
    groups: rows.map(({ name, before, after }) => ({
      name,
      values: [knownValue(percentile(before.times, 95)), knownValue(percentile(after.times, 95))],
    })),
  };
}

function factorOf(before: Side, after: Side): number {
  const factor = median(before.times) / median(after.times);
  return Number.isFinite(factor) ? factor : 0;
}

const knownValue = (value: number) => (Number.isFinite(value) ? value : null);
const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : null);
