import { expect, it } from 'vitest';
import { runBench } from './run-bench.ts';

const databaseUrl = process.env.ANIMA_TEST_DATABASE_URL;

it.skipIf(databaseUrl === undefined)(
  'two processes that answer and two that work share what there is, and none fails',
  {
    timeout: 120_000,
  },
  async () => {
    const sizes = { spaces: 12, memories: 5, connections: 8, counts: 2, duration: 1, rounds: 1 };
    const given = Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const { report, output } = await runBench(['processes', ...given, '--database-url', databaseUrl ?? '']);
    const measured = (name: string) => report.measures.find((measure) => measure.name === name)?.value;
    expect(report.failures, output).toEqual([]);
    expect(measured('answers, 2 and 2'), output).toBeGreaterThan(0);
    expect(measured('events folded, 2 and 2'), output).toBeGreaterThan(0);
  },
);
