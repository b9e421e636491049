import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, openBrowser } from './browser.ts';
import { type Running, startConsole, startServer } from './stage.ts';

describe.skipIf(!chromiumPath)('a page that is open while its server is away', () => {
  let folder: string;
  let server: Running;
  let site: Running;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'anima-outage-'));
    server = await startServer(folder);
    site = await startConsole(server.url);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), site?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  test('says so, and catches up by itself when the server is back', { timeout: 120_000 }, async () => {
    const browser = await openBrowser();
    const page = await browser.newPage();
    const add = (content: string) => createAnimaClient({ url: server.url }).memories.add.mutate({ content });
    await add('before the outage');
    await page.goto(`${site.url}/memories`);
    await page.getByRole('link', { name: 'before the outage' }).waitFor();
    await page.getByRole('status', { name: 'Connection: live' }).waitFor();

    await server.kill();
    await page.getByText('The server does not answer').first().waitFor();
    // What was there is still shown.
    expect(await page.getByRole('link', { name: 'before the outage' }).count()).toBe(1);

    server = await startServer(folder, { PORT: new URL(server.url).port });
    await add('after the outage');
    await page.getByRole('link', { name: 'after the outage' }).waitFor({ timeout: 30_000 });
    await page.getByRole('status', { name: 'Connection: live' }).waitFor();
    expect(await page.getByText('The server does not answer').count()).toBe(0);
    await browser.close();
  });
});
