import { randomUUID } from 'node:crypto';
import { type BenchReport, createAnimaClient } from '@anima/client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { chromiumPath, openBrowser } from './browser.ts';
import { settled } from './stage.ts';

const site = inject('consoleUrl');
const client = createAnimaClient({ url: inject('serverUrl') || 'http://localhost' });
const newSpace = () => `inspection-${randomUUID()}`;

describe.skipIf(!chromiumPath)('an engineer at the console', () => {
  let browser: Browser;
  let context: BrowserContext | undefined;

  const visit = async (path: string): Promise<Page> => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${site}${path}`);
    return page;
  };
  const add = async (space: string, contents: readonly string[]) =>
    (await client.memories.addMany.mutate({ memories: contents.map((content) => ({ content })), space })).map(
      ({ memory }) => memory.id,
    );

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(() => context?.close());
  afterAll(() => browser?.close());

  test('sees what belongs together, leaves out what is weak, and goes to a hub', async () => {
    const space = newSpace();
    await add(space, ['green tea in the morning', 'black tea in the evening', 'coffee at noon']);
    const recall = (query: string, limit: number) =>
      client.memories.query.mutate({ query, limit, similarityThreshold: 0, conversationId: 'breakfast', space });
    for (let times = 0; times < 3; times += 1) await recall('tea', 2);
    await recall('tea and coffee', 3);
    await settled(client);
    const page = await visit(`/associations?space=${space}`);
    const numbers = page.getByRole('region', { name: 'Network' }).getByRole('status');
    const all = await client.associations.network.query({ space, maxNodes: 300 });
    await numbers.getByText(`${all.nodes.length} memories, ${all.edges.length} associations`).waitFor();
    await page.locator('canvas').first().waitFor();
    await page.getByRole('combobox', { name: 'Recalled together' }).click();
    await page.getByRole('option', { name: 'at least 3 times' }).click();
    await page.waitForURL(/often=3/);
    const strong = await client.associations.network.query({
      ...{ space, maxNodes: 300, minStrength: Math.log10(4) / 10 },
    });
    expect(strong.edges.length).toBeLessThan(all.edges.length);
    await numbers.getByText(`${strong.nodes.length} memories, ${strong.edges.length} associations`).waitFor();
    await page.goBack();
    await numbers.getByText(`${all.edges.length} associations`).waitFor();
    await page.getByRole('region', { name: 'Hubs' }).getByRole('link').first().click();
    await page.waitForURL(/\/memory\?/);
  });

  test('tries a threshold, sees a merge come by itself with both texts, and undoes it in one click', async () => {
    const space = newSpace();
    await client.spaces.configure.mutate({ space, settings: { consolidation: false } });
    const [kept] = await add(space, [
      'The invoice run begins at nine',
      'the invoice run begins at nine!',
      'Ada drinks tea',
    ]);
    await settled(client);
    const page = await visit(`/consolidation?space=${space}`);
    await page.getByText('Nothing was merged yet').waitFor();
    await page.getByRole('textbox', { name: 'Cosine from which two may be the same' }).fill('0.8');
    await page.getByRole('button', { name: 'See what it would merge' }).click();
    await page.getByText('3 memories looked at: 1 would be merged, 0 are near and left alone').waitFor();
    await page.getByText('would be merged', { exact: true }).waitFor();
    expect((await client.memories.merges.query({ space })).merges, 'a dry run merges nothing').toEqual([]);

    await page.getByRole('button', { name: 'Merge them' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
    const merged = page.getByRole('region', { name: 'Merged' });
    await merged.getByRole('link', { name: 'The invoice run begins at nine', exact: true }).waitFor();
    await merged.getByRole('link', { name: 'the invoice run begins at nine!' }).waitFor();
    expect((await client.memories.get.query({ memoryId: kept!, space })).variants).toHaveLength(1);
    await merged.getByRole('button', { name: 'Un-merge' }).click();
    await merged.getByText('apart again').waitFor();
    expect((await client.memories.get.query({ memoryId: kept!, space })).variants).toEqual([]);
  });

  test('follows the log as it grows, narrows it, and reads what an event changed', async () => {
    const space = newSpace();
    const [tea] = await add(space, ['Ada drinks tea']);
    const page = await visit(`/events?space=${space}`);
    const log = page.getByRole('region', { name: 'Log' });
    await log.getByText('Ada drinks tea').waitFor();
    expect(await log.getByRole('listitem').count()).toBe(1);

    await client.memories.query.mutate({ query: 'tea', conversationId: 'at noon', space });
    await log.getByText('at noon').waitFor();
    await client.memories.setTier.mutate({ memoryIds: [tea!], tier: 'stable', space });
    await log.getByText('set to stable').waitFor();

    await log.getByText('set to stable').click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('tier active → stable').waitFor();
    await drawer.getByText('"tier": "stable"').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });

    await page.getByRole('textbox', { name: 'Conversation' }).fill('at noon');
    await page.waitForURL(/conversation=/);
    await expect.poll(() => log.getByRole('listitem').count(), { timeout: 20_000 }).toBe(1);
    // What comes is narrowed as well.
    await client.memories.forget.mutate({ memoryIds: [tea!], space });
    await client.memories.restore.mutate({ memoryIds: [tea!], space });
    await client.memories.query.mutate({ query: 'tea', conversationId: 'at noon', space });
    await expect.poll(() => log.getByRole('listitem').count(), { timeout: 20_000 }).toBe(2);
    await page.getByRole('button', { name: 'Clear' }).click();
    await log.getByText('forgotten').first().waitFor();
  });

  test('sees how far the projections are, and verifies them against the log', async () => {
    const page = await visit('/events?space=talks');
    const made = page.getByRole('region', { name: 'Made of the log' });
    await made.getByText('states of memories').waitFor();
    await made.getByRole('button', { name: 'Verify' }).click();
    await made.getByText(/^States of memories: .* equal to what is there$/).waitFor({ timeout: 50_000 });
    await made.getByText(/^Associations: .* equal to what is there$/).waitFor({ timeout: 50_000 });
  });

  test('sees jobs come and go, of one queue and of all', async () => {
    const space = newSpace();
    const page = await visit('/jobs');
    await page.getByRole('button', { name: 'anima-embed' }).click();
    await page.waitForURL(/queue=anima-embed/);
    const jobs = page.getByRole('region', { name: 'Jobs of anima-embed' });
    await add(space, ['something to embed']);
    await jobs.getByText('completed').first().waitFor();
    await jobs.getByRole('row').nth(1).getByText('anima-embed').waitFor();
    await page.getByText('failed', { exact: true }).click();
    await page.getByText('Nothing failed lately').waitFor();
  });

  test('makes a space, decides its policy, takes that back, and sees what the server runs with', async () => {
    const space = newSpace();
    const page = await visit('/settings?space=talks');
    await page.getByRole('textbox', { name: 'Find, or name a new one' }).fill(space);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL((url) => url.searchParams.get('space') === space);
    const policy = page.getByRole('region', { name: `Policy of “${space}”` });
    await policy.getByRole('combobox', { name: 'Ranking' }).click();
    await page.getByRole('option', { name: 'structural' }).click();
    await policy.getByRole('textbox', { name: 'Receipts, days' }).fill('7');
    await policy.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Changed ranking, receipts, days').waitFor();
    const settings = async () => (await client.spaces.describe.query({ space })).settings;
    expect(await settings()).toEqual({ ranking: 'structural', receiptRetentionDays: 7 });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(settings, { timeout: 20_000 }).toEqual({});

    const configuration = page.getByRole('region', { name: 'Configuration in force' });
    const port = configuration.getByRole('row', { name: 'PORT', exact: false }).first();
    await port.getByText('environment').waitFor();
    await configuration.getByRole('row', { name: /^RANKING hybrid default$/ }).waitFor();
    const health = page.getByRole('region', { name: 'Engine and health' });
    await health.getByText(/^PGlite/).waitFor();
    await health.getByText('all migrations are applied, all indexes are valid').waitFor();
  });

  test('looks at a run of the bench, compares it with the one before, and sees it come', async () => {
    const bench = `journey-${randomUUID().slice(0, 8)}`;
    const report = (minute: number, value: number, title: string): BenchReport => ({
      ...{ bench, title, at: `2026-11-01T10:0${minute}:00.000Z`, settings: { memories: 500 }, machine: { cores: 2 } },
      ...{ versions: { node: '24' }, verdict: value > 300 ? 'failed' : 'passed', failures: [] },
      measures: [{ name: 'query p95', value, unit: 'ms', better: 'lower', target: 300 }],
      blocks: [
        { kind: 'table', title: 'By size', columns: [{ name: 'size', align: 'left' }], rows: [['ten thousand']] },
        {
          kind: 'latency',
          title: 'Latencies',
          series: [
            {
              name: 'query',
              percentiles: [
                [50, 12],
                [95, value],
                [99, 401],
              ],
            },
          ],
        },
      ],
    });
    await client.bench.record.mutate({ report: report(1, 200, 'the first run') });
    const page = await visit(`/benchmarks?bench=${bench}`);
    await page.getByText('ten thousand').waitFor();
    await page.getByRole('cell', { name: '≤ 300 ms' }).waitFor();

    await client.bench.record.mutate({ report: report(2, 100, 'the second run') });
    await page.getByRole('button', { name: `${bench}: the second run` }).waitFor();
    await page.getByRole('button', { name: 'compare' }).click();
    const compared = page.getByRole('region', { name: 'Compared' });
    await compared.getByText('50 % better').waitFor();
    await page.getByRole('img', { name: /^query p95 over 2 runs: 100 ms at last, at most 300 ms wanted$/ }).waitFor();
    await page.goBack();
    await compared.waitFor({ state: 'hidden' });
  });
});
