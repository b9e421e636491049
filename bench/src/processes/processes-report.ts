import { together } from '../capacity/window.ts';
import { median } from '../median.ts';
import { tableOf } from '../report/blocks.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import type { Measured } from './measure-count.ts';

/** So many processes of each kind, in every round. */
export interface ByCount {
  readonly count: number;
  readonly rounds: readonly Measured[];
}

export function describeProcesses(results: readonly ByCount[]): Pick<Findings, 'measures' | 'blocks' | 'failures'> {
  const answers = ({ rounds }: ByCount) => median(rounds.map(({ mix }) => mix.latencies.count / mix.seconds));
  const folded = ({ rounds }: ByCount) => median(rounds.map(({ backlog }) => backlog.events / backlog.seconds));
  const latencies = ({ rounds }: ByCount) => together(rounds.map(({ mix }) => mix)).latencies;
  const leastShare = ({ rounds }: ByCount) => Math.min(...rounds.flatMap(({ backlog }) => backlog.shares));
  const [one] = results;
  const of = (value: (result: ByCount) => number, result: ByCount) => (one ? value(result) / value(one) : Number.NaN);
  const higher = { better: 'higher' as const };
  return {
    measures: results.flatMap((result) => [
      {
        name: `answers, ${result.count} and ${result.count}`,
        value: answers(result),
        unit: 'per second' as const,
        ...higher,
      },
      {
        name: `events folded, ${result.count} and ${result.count}`,
        value: folded(result),
        unit: 'per second' as const,
        ...higher,
      },
      {
        name: `least share of a worker, of a fair one, ${result.count}`,
        value: leastShare(result) * result.count,
        unit: 'ratio' as const,
        ...higher,
      },
    ]),
    blocks: [
      tableOf(
        'The mix, and a backlog of recalls',
        [
          'api and worker processes',
          'answers/s',
          'of one',
          'p50 ms',
          'p95 ms',
          'events folded/s',
          'of one',
          'shares of the workers',
        ],
        results.map((result) => [
          ...[`${result.count} and ${result.count}`, answers(result), of(answers, result)],
          ...[latencies(result).at(50), latencies(result).at(95), folded(result), of(folded, result)],
          result.rounds.at(-1)?.backlog.shares.map(formatShare).join(', ') ?? null,
        ]),
        'Closed loops without a pause, the same number of connections whatever the number of processes; medians of rounds in turns. ' +
          'Database, load and all processes share the cores of the machine. The shares are those of the last round.',
      ),
      {
        kind: 'lines',
        title: 'A second, by processes of each kind',
        x: { label: 'api and worker processes, of each', scale: 'linear' },
        y: { label: 'a second', scale: 'linear' },
        series: [
          { name: 'answers to the mix', points: results.map((result) => [result.count, answers(result)]) },
          { name: 'events folded', points: results.map((result) => [result.count, folded(result)]) },
        ],
      },
      {
        kind: 'latency',
        title: 'Latency of the mix',
        series: results.map((result) => ({
          name: `${result.count} and ${result.count}`,
          percentiles: latencies(result).distribution(),
        })),
      },
    ],
    failures: results.flatMap(({ count, rounds }) =>
      [...together(rounds.map(({ mix }) => mix)).errors].map(
        ([kind, times]) => `with ${count} and ${count}, ${times} requests failed: ${kind}`,
      ),
    ),
  };
}
