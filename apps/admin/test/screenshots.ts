// Photographs every page of the console in both themes, over a server of its own that is filled first.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnimaClient } from '@anima/client';
import { openBrowser } from './browser.ts';
import { pages, subjectsOf } from './pages.ts';
import { gateReport, reportOf } from './reports.ts';
import { fill, settled, startConsole, startServer } from './stage.ts';

const target = fileURLToPath(new URL('../../../docs/screenshots', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'anima-screenshots-'));
const server = await startServer(folder);
const site = await startConsole(server.url);
const client = createAnimaClient({ url: server.url });
const question = await fill(server.url, 'default', { recalls: 200 });
for (const mark of ['', '!'])
  await client.memories.add.mutate({ content: `Caroline adopted a puppy on Monday${mark}` });
for (const report of [
  gateReport(1),
  ...[240, 220, 210].map((value, minute) => reportOf('mix', minute, value, 'a run')),
])
  await client.bench.record.mutate({ report });
await settled(client);
const subjects = await subjectsOf(client, 'default', question);
await mkdir(target, { recursive: true });
const browser = await openBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  for (const { name, path, ready } of pages) {
    await page.goto(`${site.url}${path(subjects)}`);
    await page.locator(ready).first().waitFor();
    await page.waitForTimeout(2_500); // charts and graphs come to rest
    await page.screenshot({ path: join(target, `${name}-${colorScheme}.png`) });
  }
  await context.close();
}
await browser.close();
await Promise.all([site.stop(), server.stop()]);
await rm(folder, { recursive: true, force: true });
console.log(`Screenshots are in ${target}`);
process.exit(0);
