import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** As a person starts it: without a parent that is told where it is. */
function startByHand(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ANIMA_DATA_DIR: 'memory://', PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  const ended = once(child, 'close').then(([code]) => ({ code, said }));
  const hears = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = words.exec(said);
        if (found) resolve(found);
      };
      look();
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`it ended and never said ${words}: ${said}`)));
    });
  child.stderr.setEncoding('utf8').on('data', (words: string) => {
    said += words;
  });
  return { child, ended, hears };
}

test('a console that cannot be served is said, and the server goes on without it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { child, ended, hears } = startByHand({ ADMIN_PORT: String(port) });
  const [, url] = await hears(/Anima listens on (\S+)/);
  await hears(new RegExp(`console is not served: ADMIN_PORT ${port} is in use`));
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('there is none where it is turned off', async () => {
  const { child, ended, hears } = startByHand({ ANIMA_CONSOLE: 'off' });
  await hears(/Ctrl-C stops it/);
  child.kill('SIGTERM');
  const { code, said } = await ended;
  expect({ code, said }).toEqual({ code: 0, said: expect.not.stringContaining('console') });
});
