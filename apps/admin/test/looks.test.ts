import { request } from 'node:http';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, inject } from 'vitest';
import { chromiumPath } from './browser.ts';
import { journey } from './journey.ts';
import { pages, subjectsOf } from './pages.ts';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** What the first visit may load of scripts, compressed, bytes. */
const mostScript = 300_000;

/** Rules of axe that a theme decides; what the others look at is the same in both. */
const ofColors = ['color-contrast', 'link-in-text-block'];

const look = journey.extend('subjects', { scope: 'file' }, ({ client }) =>
  subjectsOf(client, 'talks', inject('question')),
);

describe.skipIf(!chromiumPath).concurrent('every page', () => {
  look.for(pages)(
    'is accessible and fits, light and dark, 1440 and 390 px wide: $name',
    async ({ path, ready }, { visit, subjects, expect }) => {
      const page = await visit(path(subjects));
      await page.locator(ready).first().waitFor();
      await page.evaluate(axe.source);
      for (const width of [1_440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        await expect.poll(overflow, { message: `wider than ${width} px by`, timeout: 10_000 }).toBeLessThanOrEqual(0);
        await show(page, 'light');
        expect(await seriousFaults(page), `light, ${width} px`).toEqual([]);
        await show(page, 'dark');
        expect(await seriousFaults(page, ofColors), `dark, ${width} px`).toEqual([]);
      }
    },
  );

  look('the overview loads less script than it may', async ({ context, subjects, expect }) => {
    const browser = context.browser();
    if (!browser) throw new Error('the context has no browser');
    const first = await browser.newContext({ baseURL: inject('consoleUrl') });
    const page = await first.newPage();
    await page.goto(`/?space=${subjects.space}`);
    await page.getByRole('region', { name: 'Tiers' }).waitFor();
    await page.locator('canvas').first().waitFor();
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
        .map((entry) => (entry as PerformanceResourceTiming).encodedBodySize),
    );
    await first.close();
    const bytes = scripts.reduce((sum, size) => sum + size, 0);
    console.log(`first load of the overview: ${scripts.length} scripts, ${Math.round(bytes / 1_000)} kB compressed`);
    expect(scripts.length).toBeGreaterThan(3);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(mostScript);
  });

  look('is refused to whoever reaches the console by another name than this machine', async ({ site, expect }) => {
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

/** In another theme at once: a colour that is half way to the other one is neither's. */
async function show(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  });
}

/** @param rules those to be looked at only; all of them otherwise */
async function seriousFaults(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const options: axe.RunOptions = {
    resultTypes: ['violations'],
    preload: false,
    ...(rules && { runOnly: [...rules] }),
  };
  const { violations } = await page.evaluate((how) => window.axe.run(document, how), options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
