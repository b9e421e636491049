import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HeldModel, startHeldModel } from './held-model.ts';
import { launch } from './launch.ts';

/** One folder for all tests, because a new one takes seconds to initialise; one server at a time. */
let folder: string;
let model: HeldModel;
let onFolder: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-server-'));
  model = await startHeldModel();
  onFolder = {
    ANIMA_DATA_DIR: folder,
    EMBEDDING_PROVIDER: 'ollama',
    OLLAMA_URL: model.url,
    ADD_EMBED_BUDGET_MS: '60000',
  };
});
afterAll(async () => {
  model.close();
  await rm(folder, { recursive: true });
});

const add = (url: string, content: string) =>
  fetch(`${url}/api/v1/memories/add`, {
    method: 'POST',
    body: JSON.stringify({ content }),
    headers: { 'content-type': 'application/json' },
  });

describe('a server on its folder', () => {
  it('keeps others out, stops cleanly, and the next one finds what was remembered', { timeout: 120_000 }, async () => {
    const first = launch(onFolder);
    expect((await add(await first.ready, 'remember me')).status).toBe(201);

    const second = await launch(onFolder).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^Anima cannot start: [^\n]+\n$/);
    expect(second.stderr).toContain(`held by process ${first.process.pid}`);

    first.process.kill('SIGTERM');
    const { code, stdout, stderr } = await first.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toEqual(expect.arrayContaining(['listening', 'stopped']));

    const third = launch(onFolder);
    const bootstrap = await fetch(`${await third.ready}/api/v1/memories/bootstrap`);
    expect(await bootstrap.json()).toMatchObject({ data: { memories: { active: [{ content: 'remember me' }] } } });
    const exited = once(third.process, 'exit');
    third.process.disconnect();
    expect(await exited, 'a parent that is gone ends it too').toEqual([0, null]);
  });

  it('that is told to stop answers the request in flight, takes no new one, and exits with 0', async () => {
    const server = launch(onFolder);
    const url = await server.ready;
    const asked = model.hold();
    const inFlight = add(url, 'just in time');
    await asked;
    server.process.kill('SIGINT');
    await refusing(url);
    model.release();
    const response = await inFlight;
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ data: { embedding: 'ready' } });
    expect((await server.ended).code).toBe(0);
  });

  it('a second signal forces it to end, whatever is in flight', async () => {
    const server = launch(onFolder);
    const url = await server.ready;
    const asked = model.hold();
    const inFlight = add(url, 'never answered').catch(() => 'cut off');
    await asked;
    server.process.kill('SIGTERM');
    await refusing(url);
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(1);
    expect(await inFlight).toBe('cut off');
    model.release();
  });
});

describe('a start that fails says why in one line and exits with 1', () => {
  async function failure(env: Record<string, string>): Promise<string> {
    const { code, stdout, stderr } = await launch(env).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Anima cannot start: [^\n]+\n$/);
    return stderr;
  }

  it('a setting that is not allowed', async () => {
    expect(await failure({ PORT: 'seven' })).toContain('PORT must be a whole number');
  });

  it('a setting that is unknown', async () => {
    expect(await failure({ ANIMA_DIR: '/tmp' })).toContain('ANIMA_DIR: no such setting');
  });

  it('a database that does not answer', async () => {
    const message = await failure({ DATABASE_URL: 'postgres://nobody:hunter2@127.0.0.1:9/none' });
    expect(message).toContain('DATABASE_URL');
    expect(message).not.toContain('hunter2');
  });

  it('a port in use, and the folder is free again', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    for (const _ of ['once', 'again']) {
      const message = await failure({ ...onFolder, PORT: String(port), LOG_LEVEL: 'error' });
      expect(message).toContain(`PORT ${port} on 127.0.0.1 is in use`);
    }
    other.close();
  });
});

/** Waits until nobody takes new connections there. */
async function refusing(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/health/live`, { headers: { connection: 'close' } });
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
