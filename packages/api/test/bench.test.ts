import type { BenchReport } from '@anima/core';
import { describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const url = '/api/v1/bench/runs';

const report: BenchReport = {
  ...{ bench: 'mix', title: 'A run', at: '2026-11-22T10:00:00.000Z', verdict: 'failed', failures: ['too slow'] },
  settings: { users: 50 },
  machine: { cores: 2 },
  versions: { node: 'v24' },
  measures: [{ name: 'query p95', value: 412, unit: 'ms', better: 'lower', target: 400 }],
  blocks: [{ kind: 'bars', title: 'b', y: { label: 'ms', scale: 'log' }, series: ['a'], groups: [] }],
};

describe('bench runs', () => {
  it('201: is kept; 200: is listed without its blocks, and got with them', async () => {
    const app = await hostOf(stubParts());
    const kept = await app.inject({ method: 'POST', url, payload: report });
    expect(kept.statusCode).toBe(201);
    const { id } = kept.json().data;
    const { blocks, ...summary } = report;
    const listed = await app.inject(`${url}?bench=mix&limit=1`);
    expect(listed.json().data).toEqual({ runs: [{ id, ...summary }], next: null });
    expect((await app.inject(`${url}/${id}`)).json().data).toEqual({ id, ...summary, blocks });
    await app.close();
  });

  it('200: a page says where the next one begins', async () => {
    const app = await hostOf(stubParts());
    for (const at of ['2026-11-22T10:00:00.000Z', '2026-11-22T11:00:00.000Z']) {
      await app.inject({ method: 'POST', url, payload: { ...report, at } });
    }
    const { runs, next } = (await app.inject(`${url}?limit=1`)).json().data;
    expect(runs).toHaveLength(1);
    expect(next).toBe(runs[0].id);
    await app.close();
  });

  it('404: a run that was not recorded', async () => {
    const app = await hostOf(stubParts());
    const answer = await app.inject(`${url}/019aabbb-0000-7000-8000-000000000000`);
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'NOT_FOUND']);
    await app.close();
  });

  it.each([
    [{ bench: 'Not a name' }, 'bench'],
    [{ verdict: 'perhaps' }, 'verdict'],
    [{ at: 'yesterday' }, 'at'],
    [{ extra: 1 }, 'extra'],
    [{ title: 'x'.repeat(501) }, 'title'],
    [{ title: 'a\0b' }, 'title'],
    [{ measures: [{ ...report.measures[0], value: 'fast' }] }, 'measures.0.value'],
    [{ blocks: [{ kind: 'pie' }] }, 'blocks.0.kind'],
  ])('400: %j names the field', async (changes, field) => {
    const app = await hostOf(stubParts());
    const answer = await app.inject({ method: 'POST', url, payload: { ...report, ...changes } });
    expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([400, field]);
    await app.close();
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=1', 'bench=A'])('400: %s names the field', async (query) => {
    const app = await hostOf(stubParts());
    const answer = await app.inject(`${url}?${query}`);
    expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([400, query.split('=')[0]]);
    await app.close();
  });
});
