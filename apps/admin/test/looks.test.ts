import { createAnimaClient } from '@anima/client';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { chromiumPath, openBrowser } from './browser.ts';
import { pages } from './pages.ts';

const site = inject('consoleUrl');

/** What the first visit may load of scripts, compressed, bytes. */
const mostScript = 300_000;

describe.skipIf(!chromiumPath)('every page', () => {
  let browser: Browser;
  let paths: readonly { readonly name: string; readonly path: string; readonly ready: string }[];

  beforeAll(async () => {
    browser = await openBrowser();
    paths = await pages(createAnimaClient({ url: inject('serverUrl') }), 'talks');
  });
  afterAll(() => browser?.close());

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('is accessible and fits, %s, %i px wide', async (colorScheme, width) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    for (const { name, path, ready } of paths) {
      await page.goto(`${site}${path}`);
      await page.locator(ready).first().waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} is wider than the window by`).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
      expect(serious, name).toEqual([]);
    }
    await context.close();
  });

  test('the overview loads less script than it may', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${site}/?space=talks`, { waitUntil: 'networkidle', timeout: 15_000 }).catch(() => undefined);
    await page.getByRole('region', { name: 'Tiers' }).waitFor();
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .map((entry) => (entry as PerformanceResourceTiming).encodedBodySize),
    );
    const bytes = scripts.reduce((sum, size) => sum + size, 0);
    console.log(`first load of the overview: ${scripts.length} scripts, ${Math.round(bytes / 1_000)} kB compressed`);
    expect(scripts.length).toBeGreaterThan(3);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(mostScript);
  });

  test('is refused to whoever reaches the console by another name than this machine', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const { hostname, port } = new URL(site);
      const headers = { host: 'evil.example' };
      request({ hostname, port, path: '/trpc/meta.health', headers }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});
