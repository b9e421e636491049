import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type BenchMeasure, benchReport } from '@anima/core';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { finish } from '../src/report/finish.ts';
import { renderPage } from '../src/report/page.ts';
import { recordRun } from '../src/report/record-run.ts';
import { type Findings, isMet, reportOf } from '../src/report/report.ts';
import { renderForTerminal } from '../src/report/terminal.ts';

const hostile = '<script>alert("1")</script> & \' "';

const measure: BenchMeasure = { name: 'query p95', value: 12.5, unit: 'ms', better: 'lower', target: 300 };

const findings: Findings = {
  bench: 'sample',
  title: 'Everything a report can show',
  settings: { target: 'pglite', users: 50, isFast: true, rate: null },
  versions: { database: 'PGlite' },
  measures: [measure, { name: 'answers', value: 1_234, unit: 'count', better: 'higher' }],
  blocks: [
    {
      kind: 'table',
      title: 'A table',
      columns: [
        { name: 'name', align: 'left' },
        { name: 'ms', align: 'right' },
      ],
      rows: [
        ['add', 12.345],
        ['query', null],
      ],
      note: 'a note',
    },
    {
      kind: 'latency',
      title: 'Latencies',
      series: [
        {
          name: 'add',
          percentiles: [
            [50, 2],
            [95, 12],
            [99, 30],
            [100, 80],
          ],
          targetMs: 150,
        },
      ],
    },
    {
      kind: 'lines',
      title: 'Growth',
      x: { label: 'memories', scale: 'log' },
      y: { label: 'ms', scale: 'log' },
      series: [
        {
          name: 'query',
          points: [
            [0, 1],
            [1_000, 2],
            [10_000, 3],
          ],
        },
      ],
      target: 50,
    },
    {
      kind: 'bars',
      title: 'Before and after',
      y: { label: 'ms', scale: 'linear' },
      series: ['before', 'after'],
      groups: [
        { name: 'add', values: [3_000, 150] },
        { name: 'query', values: [8_000, null] },
      ],
    },
  ],
  data: { rounds: [1, 2] },
};

afterEach(() => {
  process.exitCode = undefined;
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function silence() {
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return () => written.join('');
}

test('a measure past its target fails the report and says by how much; without a target it is reported', () => {
  expect(reportOf(findings)).toMatchObject({ verdict: 'passed', failures: [] });
  expect(reportOf({ ...findings, measures: [{ ...measure, value: 300.5 }] })).toMatchObject({
    verdict: 'failed',
    failures: ['query p95: 301 ms, held to ≤ 300 ms'],
  });
  expect(reportOf({ ...findings, failures: ['it stood still'] }).verdict).toBe('failed');
  expect(reportOf({ ...findings, measures: [] }).verdict).toBe('reported');
  expect(reportOf({ ...findings, measures: [], isHeld: true }).verdict).toBe('passed');
});

test('at the target is within it, whichever way is better', () => {
  expect(isMet({ ...measure, value: 300 })).toBe(true);
  expect(isMet({ ...measure, better: 'higher', value: 300 })).toBe(true);
  expect(isMet({ ...measure, better: 'higher', value: 299 })).toBe(false);
});

test('what could not be measured is a failure, and no number', () => {
  const report = reportOf({ ...findings, measures: [{ ...measure, value: Number.NaN }] });
  expect(report).toMatchObject({ verdict: 'failed', failures: ['query p95: could not be measured'], measures: [] });
  expect(benchReport.parse(report)).toEqual(report);
});

test('a report is what a server takes', () => {
  const report = reportOf(findings);
  expect(benchReport.parse(report)).toEqual(report);
});

test('the terminal shows every block, what is held to a target, and what was missed', () => {
  const shown = renderForTerminal(reportOf({ ...findings, measures: [{ ...measure, value: 400 }] }));
  for (const { title } of findings.blocks) expect(shown).toContain(title);
  expect(shown).toContain('12.3');
  expect(shown).toMatch(/query p95 +│ +400 ms │ +≤ 300 ms │ ✗/);
  expect(shown).toContain('FAIL');
});

test('the page shows a drawing for each chart and needs nothing beside itself', () => {
  const page = renderPage(reportOf(findings));
  expect(page.match(/<svg /g)).toHaveLength(3);
  expect(page).not.toMatch(/<script|<link|@import|url\((?!#)|src=|https?:\/\/(?!www\.w3\.org)/);
  expect(page).toContain('prefers-color-scheme: dark');
});

test('a chart takes its colours from the page, so that it is seen on dark paper', () => {
  const [drawing] = renderPage(reportOf(findings)).match(/<svg [\s\S]*?<\/svg>/) ?? [];
  expect(drawing).toContain('var(--series-0)');
  expect(drawing).toContain('fill="var(--text)"');
  expect(drawing).not.toMatch(/#[ab]0000\d/);
});

test('no word of a report becomes markup, wherever it stands', () => {
  const named = { name: hostile.slice(0, 100) };
  const page = renderPage(
    reportOf({
      ...findings,
      title: hostile,
      settings: { [hostile]: hostile },
      versions: { [hostile]: hostile },
      failures: [hostile],
      measures: [{ ...measure, ...named }],
      blocks: findings.blocks.map((block) => {
        const common = { ...block, title: hostile, note: hostile };
        if (common.kind === 'table') return { ...common, columns: [{ ...named, align: 'left' }], rows: [[hostile]] };
        if (common.kind === 'bars') {
          return { ...common, series: [named.name], groups: [{ ...named, values: [1] }] };
        }
        return { ...common, series: common.series.map((one) => ({ ...one, ...named })) } as typeof block;
      }),
    }),
  );
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/="[^"]*<[^"]*"/);
  expect(page.match(/&lt;script/g)?.length).toBeGreaterThan(10);
});

test('the result and its page are written, and the result has the data it was made from', async () => {
  const file = join(newFolder(), 'deep', 'sample.json');
  const written = silence();
  await finish(findings, { json: file, record: false });
  const { data, ...report } = JSON.parse(readFileSync(file, 'utf8'));
  expect(data).toEqual({ rounds: [1, 2] });
  expect(benchReport.parse(report).bench).toBe('sample');
  expect(readFileSync(file.replace('.json', '.html'), 'utf8')).toContain('Everything a report can show');
  expect(written()).toContain(`Written to ${file}`);
  expect(process.exitCode).toBeUndefined();
});

test('what was missed is exit code 1; JSON on stdout is alone there', async () => {
  const written = silence();
  await finish({ ...findings, failures: ['it stood still'] }, { json: true, record: false });
  expect(process.exitCode).toBe(1);
  expect(JSON.parse(written())).toMatchObject({ verdict: 'failed', failures: ['it stood still'] });
});

test('a server is told of the run, and one that cannot be told takes nothing from it', async () => {
  const report = reportOf(findings);
  const told: unknown[] = [];
  const server = createServer(async (request, response) => {
    told.push(await json(request));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ result: { data: { id: 'the-run' } } }));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await recordRun(report, url)).toBe(`Recorded at ${url} as the-run`);
  expect(JSON.stringify(told)).toContain(report.at);
  server.close();
  server.closeAllConnections();
  expect(await recordRun({ ...report, bench: 'Not a name' }, url)).toContain(`Not recorded at ${url}`);
});
