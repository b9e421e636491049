import { randomUUID } from 'node:crypto';
import { type AnimaClient, createAnimaClient } from '@anima/client';
import type { Page } from 'playwright-core';
import { inject, test } from 'vitest';
import { openBrowser } from './browser.ts';

/**
 * A test with pages of the console that all tests share, and a space of its own. Pages of one file share a browser and
 * what it has loaded, so that each but the first opens in half the time.
 */
export const journey = test
  .extend('site', { scope: 'file' }, () => inject('consoleUrl'))
  .extend('client', { scope: 'file' }, (): AnimaClient => createAnimaClient({ url: inject('serverUrl') }))
  .extend('context', { scope: 'file' }, async ({ site }, { onCleanup }) => {
    const browser = await openBrowser();
    onCleanup(() => browser.close());
    const context = await browser.newContext({ baseURL: site, viewport: { width: 1440, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site });
    return context;
  })
  .extend('space', () => `journey-${randomUUID()}`)
  .extend('visit', async ({ context }, { onCleanup }) => {
    const pages: Page[] = [];
    onCleanup(async () => {
      for (const page of pages) await page.close();
    });
    return async (path: string): Promise<Page> => {
      const page = await context.newPage();
      pages.push(page);
      page.setDefaultTimeout(30_000);
      await page.goto(path);
      return page;
    };
  })
  .extend('add', ({ client, space }) => async (contents: readonly string[]): Promise<readonly string[]> => {
    const memories = contents.map((content) => ({ content }));
    return (await client.memories.addMany.mutate({ memories, space })).map(({ memory }) => memory.id);
  });
