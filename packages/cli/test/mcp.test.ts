import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAnimaClient } from '@anima/client';
import { expect, inject, test } from 'vitest';
import { freePort } from '../../../scripts/free-port.ts';
import { main, overHttp, overStdio } from './mcp-clients.ts';
import { startAnima, temporaryFolder } from './running-command.ts';

const url = inject('url');
const env = { ANIMA_URL: url };
const bin = (name: string) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
const run = promisify(execFile);
const pathWithNode = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` };

async function contentsOf(space: string): Promise<string[]> {
  const anima = createAnimaClient({ url });
  const contents: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await anima.memories.list.query({ space, limit: 200, ...(cursor ? { cursor } : {}) });
    contents.push(...page.memories.map(({ content }) => content));
    cursor = page.next ?? undefined;
  } while (cursor);
  return contents;
}

test('what one client remembers over stdio another recalls over HTTP; stdout carries nothing but protocol', async () => {
  const space = randomUUID();
  const [stdio, http] = await Promise.all([overStdio(env, '--space', space), overHttp(url, space)]);
  expect(stdio.client.getServerVersion()).toMatchObject({ name: 'anima' });
  expect(stdio.client.getInstructions()).toContain('bootstrap_context');
  const remembered = await stdio.call('add_memory', { content: 'Ada prefers tea in the morning' });
  const [id] = /[0-9a-f-]{36}/.exec(remembered) ?? [];
  expect(await http.call('search_memories', { query: 'what does Ada drink?' })).toContain(`${id} (score `);
  expect(await stdio.call('bootstrap_context', {})).toContain('Ada prefers tea in the morning');
  const { resources } = await stdio.client.listResources();
  const { contents } = await stdio.client.readResource({ uri: resources[2]!.uri });
  expect(contents).toMatchObject([{ text: 'Ada prefers tea in the morning' }]);
  const { messages } = await stdio.client.getPrompt({ name: 'start_conversation', arguments: { topic: 'tea' } });
  expect(JSON.stringify(messages)).toContain('Ada prefers tea in the morning');
  await expect(stdio.call('get_memory', { memoryId: randomUUID() })).rejects.toThrow(/^NOT_FOUND/);
  expect(stdio.faults).toEqual([]);
});

test('memories recalled in one session become related', async () => {
  const { call } = await overStdio(env, '--space', randomUUID());
  const added = await call('add_memories', {
    memories: [{ content: 'Ada drinks tea' }, { content: 'Ada plays chess' }],
  });
  const [first] = added.match(/[0-9a-f-]{36}/g) ?? [];
  await call('search_memories', { query: 'Ada' });
  await expect
    .poll(() => call('related_memories', { memoryId: first }), { timeout: 20_000 })
    .toMatch(/1 times together/);
});

test('twenty writers at once, ten over stdio and ten over HTTP, lose nothing', async () => {
  const space = randomUUID();
  const writers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? overStdio(env, '--space', space) : overHttp(url, space))),
  );
  const each = 10;
  await Promise.all(
    writers.flatMap(({ call }, writer) =>
      Array.from({ length: each }, (_, n) => call('add_memory', { content: `writer ${writer} says ${n}` })),
    ),
  );
  const expected = writers.flatMap((_, writer) => Array.from({ length: each }, (_, n) => `writer ${writer} says ${n}`));
  expect((await contentsOf(space)).toSorted()).toEqual(expected.toSorted());
  expect(writers.flatMap(({ faults }) => faults)).toEqual([]);
});

test('without a server the first client starts one; the others find it, and outlive it', async () => {
  const own = { PORT: String(await freePort()), ANIMA_DATA_DIR: join(temporaryFolder(), 'data'), LOG_LEVEL: 'warn' };
  const clients = await Promise.all([overStdio(own), overStdio(own), overStdio(own)]);
  await Promise.all(clients.map(({ call }, n) => call('add_memory', { content: `client ${n} was here` })));
  for (const client of clients.slice(0, 2)) {
    await client.close();
    const others = clients.slice(clients.indexOf(client) + 1);
    const lists = await Promise.all(others.map(({ call }) => call('list_memories', {})));
    for (const list of lists) for (const n of [0, 1, 2]) expect(list).toContain(`client ${n} was here`);
  }
});

test('a server that is named and away is told to the client, message by message', async () => {
  const away = startAnima(
    ['mcp'],
    { ANIMA_URL: `http://127.0.0.1:${await freePort()}` },
    `${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })}\n`,
  );
  const { code, stdout } = await away.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    id: 7,
    error: { message: 'the Anima server does not answer; try again in a moment' },
  });
});

test('the inspector lists and calls the tools, over stdio and over HTTP', async () => {
  const space = randomUUID();
  const ask = async (target: readonly string[], ...method: readonly string[]) => {
    const { stdout } = await run(bin('mcp-inspector'), ['--cli', ...target, ...method], { env: pathWithNode });
    return JSON.parse(stdout);
  };
  const call = ['--method', 'tools/call', '--tool-name'];
  const http = [`${url}/mcp?space=${space}`, '--transport', 'http'];
  const stdio = [process.execPath, main, 'mcp', '--url', url, '--space', space];
  const added = await ask(http, ...call, 'add_memory', '--tool-arg', 'content=Ada prefers tea');
  expect(added.content[0].text).toMatch(/^Remembered as /);
  const { tools } = await ask(stdio, '--method', 'tools/list');
  expect(tools).toHaveLength(12);
});

/** Those that a server without sampling, elicitation, logging, subscriptions or the suite's own test tools can run. */
const scenarios = [
  ...['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list'],
  ...['server-sse-multiple-streams', 'dns-rebinding-protection'],
];

test.each(scenarios)('the protocol’s own conformance suite passes: %s', async (scenario) => {
  const args = ['server', '--url', `${url}/mcp`, '--scenario', scenario];
  const { stdout } = await run(bin('conformance'), args, { env: pathWithNode, cwd: temporaryFolder() });
  expect(stdout).toMatch(/Passed: (\d+)\/\1, 0 failed, 0 warnings/);
});
