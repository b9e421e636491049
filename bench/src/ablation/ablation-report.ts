import type { BenchBlock, BenchMeasure } from '@anima/core';
import { operations } from '../mix/operations.ts';
import { percentile } from '../percentile.ts';
import type { Compared, Side } from './measure.ts';

/** Tables, bars and numbers of what was compared. */
export function describeAblation(compared: readonly Compared[]): {
  readonly measures: readonly BenchMeasure[];
  readonly blocks: readonly BenchBlock[];
  readonly failures: readonly string[];
} {
  const rows = compared.map((one) => ({ ...one, name: `${one.comparison.name}: ${one.comparison.operation}` }));
  const measures = rows.flatMap(({ name, comparison, before, after }): BenchMeasure[] => {
    const value = factorOf(before, after);
    const factor: BenchMeasure = { name: `${name}, factor`, value, unit: 'ratio', better: 'higher' };
    if (comparison.name !== 'everything') return [factor];
    const { p95Ms } = operations[comparison.operation];
    const p95 = { name: `${name}, p95 of today`, value: percentile(after.times, 95), target: p95Ms };
    return [factor, { ...p95, unit: 'ms', better: 'lower' }];
  });
  return { measures, blocks: [tableOf(rows), barsOf(rows)], failures: failuresOf(rows, measures) };
}

type Row = Compared & { readonly name: string };

function failuresOf(rows: readonly Row[], measures: readonly BenchMeasure[]): string[] {
  const missed = measures.filter(({ value, target }) => target !== undefined && !(value <= target));
  return [
    ...missed.map(({ name, value, target }) => `${name} is ${value.toFixed(0)} ms, above ${target} ms`),
    ...rows.flatMap(({ name, after }) => [...after.errors].map(([kind, times]) => `${name}: ${times} times ${kind}`)),
  ];
}

function tableOf(rows: readonly Row[]): BenchBlock {
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
  const factor = percentile(before.times, 50) / percentile(after.times, 50);
  return Number.isFinite(factor) ? factor : 0;
}

const knownValue = (value: number) => (Number.isFinite(value) ? value : null);
const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : null);
