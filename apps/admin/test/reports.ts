import type { BenchReport } from '@anima/client';

const common = {
  settings: { memories: 500 },
  machine: { cores: 2 },
  versions: { node: '24' },
  failures: [],
} satisfies Partial<BenchReport>;

/** A run of a scenario with a block of each kind. @param value its p95, ms */
export function reportOf(bench: string, minute: number, value: number, title: string): BenchReport {
  return {
    ...{ ...common, bench, title, at: `2026-11-01T10:0${minute}:00.000Z` },
    verdict: value > 300 ? 'failed' : 'passed',
    measures: [{ name: 'query p95', value, unit: 'ms', better: 'lower', target: 300 }],
    blocks: [
      { kind: 'table', title: 'By size', columns: [{ name: 'size', align: 'left' }], rows: [['ten thousand']] },
      {
        ...{ kind: 'lines', title: 'Growth', target: 300 },
        ...{ x: { label: 'memories', scale: 'log' }, y: { label: 'ms', scale: 'log' } },
        series: [
          { name: 'query', points: [100, 1_000, 10_000].map((size) => [size, (value * size) / 10_000]) },
          { name: 'add', points: [100, 10_000].map((size) => [size, 12]) },
        ],
      },
      {
        ...{ kind: 'latency', title: 'Latencies' },
        series: [{ name: 'query', percentiles: [0, 50, 95, 99, 100].map((at) => [at, 1 + (value * at) / 95]) }],
      },
      {
        ...{ kind: 'bars', title: 'Turned back', y: { label: 'ms', scale: 'log' }, series: ['before', 'after'] },
        groups: [{ name: 'everything: query', values: [10 * value, value] }],
      },
    ],
  };
}

/** What the regression gate says of a build whose query became slower. */
export function gateReport(minute: number): BenchReport {
  const columns = ['what', 'baseline', 'now', 'change', 'noise', 'verdict'].map((name) => ({
    ...{ name, align: 'left' as const },
  }));
  return {
    ...{ ...common, bench: 'check', title: 'Whether it became slower', at: `2026-11-01T10:0${minute}:00.000Z` },
    ...{ verdict: 'failed', failures: ['query: slower by 60 %, where 12 % would be noise'], measures: [] },
    blocks: [
      {
        ...{ kind: 'table', title: 'Ratios', columns },
        rows: [
          ['query', 0.5, 0.31, '−60 %', '± 12 %', 'slower'],
          ['add', 0.4, 0.41, '+2 %', '± 10 %', 'same'],
        ],
      },
    ],
  };
}
