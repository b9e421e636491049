import { expect, it } from 'vitest';
import { runBench } from './run-bench.ts';

const databaseUrl = process.env.ANIMA_TEST_DATABASE_URL;

it.skipIf(databaseUrl === undefined)(
  'logs of two lengths are made, and what is done beside them is measured against the shorter',
  { timeout: 240_000 },
  async () => {
    const given = ['--sizes', '20000', '40000', '--recalls', '100', '--rounds', '1', '--drop'];
    const { code, report, data, output } = await runBench(['log', ...given, '--database-url', databaseUrl ?? '']);
    expect(code, output).toBe(0);
    expect(data.sizes).toMatchObject([{ events: expect.any(Number) }, { events: expect.any(Number) }]);
    const [short, long] = data.sizes;
    expect(long.archiveBytes).toBeGreaterThan(1.5 * short.archiveBytes);
    const measured = report.measures.map(({ name }) => name);
    expect(measured).toEqual(
      ['append', 'fold', 'rebuild', 'page'].map((work) => `${work} at 40000, times that at 20000`),
    );
  },
);
