import { type BenchReport, getBench, getBenchInput, limits, listBench, listBenchInput, recordBench } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';

const minute = (number: number) => new Date(Date.UTC(2026, 10, 22, 10, number)).toISOString();

const reportAt = (at: string, bench = 'mix'): BenchReport => ({
  ...{ bench, title: 'Ada’s run', at, verdict: 'passed', failures: [] },
  settings: { users: 50, target: 'pglite', isFast: true, rate: null },
  machine: { cpu: 'a fast one', cores: 2 },
  versions: { node: 'v24' },
  measures: [{ name: 'query p95', value: 12.345, unit: 'ms', better: 'lower', target: 300 }],
  blocks: [{ kind: 'table', title: 'Requests', columns: [{ name: 'ms', align: 'right' }], rows: [[1.5], [null]] }],
});

onEveryEngine('bench runs', (opened) => {
  const record = (report: BenchReport) => recordBench(opened().store, { report, idempotencyKey: undefined });
  const list = (request: object) => listBench(opened().store, listBenchInput.parse(request));
  const get = (id: string) => getBench(opened().store, getBenchInput.parse({ id }));

  test('a run comes back as it was told, its settings in their order', async () => {
    const report = reportAt(minute(1), 'as-told');
    const { id } = await record(report);
    const kept = await get(id);
    expect(kept).toEqual({ id, ...report });
    expect(Object.keys(kept.settings)).toEqual(['users', 'target', 'isFast', 'rate']);
  });

  test('the same run told twice is one, and has one id', async () => {
    const first = await record(reportAt(minute(2), 'twice'));
    expect(await record(reportAt(minute(2), 'twice'))).toEqual(first);
    expect((await list({ bench: 'twice' })).runs).toHaveLength(1);
    expect(await record({ ...reportAt(minute(2), 'twice'), title: 'another' })).not.toEqual(first);
  });

  test('pages are latest first, without blocks, of one bench where one is named, and end', async () => {
    for (const number of [5, 3, 4]) await record(reportAt(minute(number), 'paged'));
    await record(reportAt(minute(6), 'other'));
    const first = await list({ bench: 'paged', limit: 2 });
    expect(first.runs.map(({ at }) => at)).toEqual([minute(5), minute(4)]);
    expect(first.runs[0]).not.toHaveProperty('blocks');
    const last = await list({ bench: 'paged', limit: 2, cursor: first.next });
    expect(last).toMatchObject({ runs: [{ at: minute(3) }], next: null });
    expect((await list({})).runs.map(({ bench }) => bench)).toContain('other');
  });

  test('an id that nobody recorded is not found', async () => {
    await expect(get('019aabbb-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the oldest make room', async () => {
    const { id: oldest } = await record(reportAt('2020-01-01T00:00:00.000Z', 'oldest'));
    await sql`insert into bench_runs (id, bench, summary, blocks)
      select ('01f00000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'many', '{}', '[]' from generate_series(1, ${limits.keptBenchRuns}) n`.execute(
      opened().db,
    );
    const { id: newest } = await record(reportAt(new Date(Date.UTC(9_000, 0)).toISOString(), 'newest'));
    const { rows } = await sql<{ id: string }>`select id from bench_runs order by id desc`.execute(opened().db);
    expect(rows).toHaveLength(limits.keptBenchRuns);
    expect(rows.map(({ id }) => id)).not.toContain(oldest);
    await sql`delete from bench_runs where bench in ('many', 'newest')`.execute(opened().db);
    expect(newest).not.toBe(oldest);
  });
});
