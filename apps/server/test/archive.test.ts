import { expect, inject, it } from 'vitest';
import { get, newSpace, post } from './request.ts';

const archive = '/api/v1/archive';

it('tells how large the log is, as a scraper reads it too', async () => {
  const before = (await get(archive)).body.data;
  const space = newSpace();
  for (const content of ['a red kite', 'a blue kite']) await post('/api/v1/memories/add', { content, space });
  const { body } = await get(archive);
  expect(body.data.events).toBeGreaterThanOrEqual(before.events + 2);
  expect(body.data.events_of_last_day).toBeGreaterThanOrEqual(2);
  expect(body.data).toMatchObject({
    table: { events: body.data.events, bytes: expect.any(Number) },
    archive: { place: null, keep_days: 90, events: 0, files: 0, bytes: 0, written_at: null, snapshot_bytes: 0 },
  });
  const metrics = await (await fetch(new URL('/metrics', inject('url')))).text();
  expect(Number(/^anima_log_events (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(body.data.events);
  expect(metrics).toMatch(/^anima_log_archive_bytes 0$/m);
});

it('moves nothing where there is no place, and says so', async () => {
  expect(await post(archive, { dryRun: true })).toMatchObject({
    status: 200,
    body: { data: { dry_run: true, events: 0, held: { folding: 0, receipts: 0, reembedding: 0 } } },
  });
  expect(await post(archive, {})).toMatchObject({
    status: 409,
    body: { error: { code: 'CONFLICT', message: expect.stringContaining('LOG_ARCHIVE_URL') } },
  });
  expect((await post(archive, { dryRun: 'yes' })).status).toBe(400);
});
