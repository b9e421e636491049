import { join } from 'node:path';
import { startServer } from '@anima/client/node/start-server';
import { expect, test } from 'vitest';
import { anima, temporaryFolder } from './running-command.ts';

test('a first key, a server that asks for it, a backup, and the same memories elsewhere', {
  timeout: 300_000,
}, async () => {
  const folder = temporaryFolder();
  const data = { DATABASE_URL: undefined, ANIMA_URL: undefined, ANIMA_DATA_DIR: join(folder, 'data') };
  const made = await anima(['keys', 'create', 'mine', '--role', 'admin', '--on-database'], data);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^anima_[0-9a-f]{12}_[\w-]{43}\n$/) });
  const key = made.stdout.trim();

  const server = await startServer({ ...process.env, ...data, ANIMA_AUTH: 'on' });
  const asking = (apiKey: string) => ({ ...data, ANIMA_URL: server.url, ANIMA_API_KEY: apiKey });
  try {
    const refused = await anima(['add', 'nothing'], asking(''));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('UNAUTHORIZED') });
    expect((await anima(['add', 'Ada prefers tea'], asking(key))).code).toBe(0);
    const agent = await anima(['keys', 'create', 'agent', '--space', 'ada', '--expires', '1', '--json'], asking(key));
    const { key: agentKey, keyId } = JSON.parse(agent.stdout);
    expect((await anima(['add', 'in ada', '--space', 'ada'], asking(agentKey))).code).toBe(0);
    expect((await anima(['keys', 'revoke', keyId], asking(key))).code).toBe(0);
    expect((await anima(['list', '--space', 'ada'], asking(agentKey))).stderr).toContain('UNAUTHORIZED');
    expect(await anima(['backup', join(folder, 'a.gz')], asking(key))).toMatchObject({ code: 0, stderr: '' });
  } finally {
    await server.stop();
  }

  const elsewhere = { ...data, ANIMA_DATA_DIR: join(folder, 'elsewhere') };
  const restored = await anima(['restore-backup', join(folder, 'a.gz')], elsewhere);
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('0 differences') });
  expect((await anima(['list'], { ...elsewhere, PORT: '7199' })).stdout).toContain('Ada prefers tea');
});
