// Measures how smoothly the network of 2,000 memories and 8,000 associations is drawn, over a server of its own that is
// filled first: frames a second while it finds its form, is moved, and is zoomed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { settled, startConsole, startServer } from './stage.ts';

const memories = 2_000;
/** What one conversation recalls together. */
const together = 5;
const groups = memories / together;
const measuredMs = 4_000;

const folder = await mkdtemp(join(tmpdir(), 'anima-smoothness-'));
// They are told apart by two words each, and so would be merged.
const server = await startServer(folder, { SEMANTIC_CONSOLIDATION: 'false' });
const site = await startConsole(server.url);
const client = createAnimaClient({ url: server.url });
console.log(`Filling a space with ${memories} memories …`);
await fill();
const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${site.url}/associations?size=2000`);
const canvas = page.getByRole('img', { name: /^Graph of 2,000 memories, 8,000 associations/ }).locator('canvas');
await canvas.waitFor();
await report('finding its form', async () => undefined);
// At rest there is nothing to draw, so that what follows is the panning's own.
await page.waitForTimeout(15_000);
await report('moved by the mouse', pan);
await report('zoomed by the wheel', zoom);
await browser.close();
await Promise.all([site.stop(), server.stop()]);
await rm(folder, { recursive: true, force: true });
process.exit(0);

/** Each memory is of two groups, whose words find it: five neighbours each way. */
async function fill(): Promise<void> {
  const contents = Array.from({ length: memories }, (_, n) => `left${Math.floor(n / together)} right${n % groups}`);
  for (let from = 0; from < memories; from += 100) {
    const part = contents.slice(from, from + 100).map((content) => ({ content }));
    await client.memories.addMany.mutate({ memories: part });
  }
  for (let group = 0; group < groups; group += 1) {
    for (const query of [`left${group}`, `right${group}`]) {
      await client.memories.query.mutate({ query, limit: together, similarityThreshold: 1, conversationId: 'fill' });
    }
  }
  await settled(client);
}

/** Frames that the browser drew while something was done to the page, by its own clock. */
async function report(what: string, work: (page: Page, until: number) => Promise<void>): Promise<void> {
  const counted = page.evaluate(async (ms) => {
    const times: number[] = [];
    const begun = performance.now();
    while (performance.now() - begun < ms) {
      await new Promise(requestAnimationFrame);
      times.push(performance.now());
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    return { perSecond: (1_000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0), longest: Math.max(...gaps) };
  }, measuredMs);
  await work(page, performance.now() + measuredMs);
  const { perSecond, longest } = await counted;
  console.log(`${what}: ${perSecond.toFixed(1)} frames/s, the longest took ${Math.round(longest)} ms`);
}

async function middle(): Promise<{ readonly x: number; readonly y: number }> {
  const box = await canvas.boundingBox();
  if (!box) throw new Error('there is no picture');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function pan({ mouse }: Page, until: number): Promise<void> {
  const { x, y } = await middle();
  // From a place where there is no memory, which would be moved by itself.
  await mouse.move(x - 300, y - 250);
  await mouse.down();
  for (let step = 0; performance.now() < until; step += 1) {
    await mouse.move(x - 300 + 120 * Math.sin(step / 8), y - 250 + 60 * Math.cos(step / 8));
  }
  await mouse.up();
}

async function zoom({ mouse }: Page, until: number): Promise<void> {
  const { x, y } = await middle();
  await mouse.move(x, y);
  for (let step = 0; performance.now() < until; step += 1) await mouse.wheel(0, step % 20 < 10 ? -120 : 120);
}
