import { createAnimaClient } from '@anima/client';
import { startServer } from '@anima/client/node/start-server';
import { expect, onTestFinished, test } from 'vitest';
import { recordRun } from '../src/report/record-run.ts';
import { reportOf } from '../src/report/report.ts';
import { newFolder } from './run-bench.ts';

test('a run is kept by a real server, once, and comes back as it was', { timeout: 120_000 }, async () => {
  const server = await startServer({ ...process.env, DATABASE_URL: undefined, ANIMA_DATA_DIR: newFolder() });
  onTestFinished(() => server.stop());
  const report = reportOf({
    bench: 'sample',
    title: 'A run',
    settings: { users: 50 },
    measures: [{ name: 'query p95', value: 12.5, unit: 'ms', better: 'lower', target: 300 }],
    blocks: [{ kind: 'latency', title: 'Latency', series: [{ name: 'query', percentiles: [[50, 2]], targetMs: 300 }] }],
    data: 'stays in the file',
  });
  const said = await recordRun(report, server.url);
  expect(await recordRun(report, server.url)).toBe(said);

  const { bench } = createAnimaClient({ url: server.url });
  const { runs, next } = await bench.list.query({ bench: 'sample' });
  expect([runs.length, next]).toEqual([1, null]);
  const [run] = runs;
  expect(said).toBe(`Recorded at ${server.url} as ${run!.id}`);
  expect(run).not.toHaveProperty('blocks');
  expect(await bench.get.query({ id: run!.id })).toEqual({ id: run!.id, ...report });
});
