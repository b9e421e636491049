import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const wellKnown = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is; undefined where it is not, and the browser tests are skipped. */
export const chromiumPath = [process.env.CHROMIUM_PATH, ...wellKnown].find((path) => path && existsSync(path));

export function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error('there is no Chromium: install it, or name it by CHROMIUM_PATH');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}
