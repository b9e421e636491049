import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import { beforeEach, expect, inject, test } from 'vitest';
import { anima, startAnima, temporaryFolder } from './running-command.ts';

const client = createAnimaClient({ url: inject('url') });

let folder: string;
let file: string;
let space: string;
const env = () => ({ ANIMA_URL: inject('url'), XDG_STATE_HOME: join(folder, 'state') });

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'space.jsonl');
  space = `transfer-${randomUUID()}`;
});

const folded = () =>
  expect.poll(async () => (await client.meta.metrics.query()).folds.lagEvents, { timeout: 30_000 }).toBe(0);

/** Exports a space of some memories with a history. */
async function exported(count = 30): Promise<void> {
  const memories = Array.from({ length: count }, (_, n) => ({
    content: `Memory ${n} of Ada\u2028 "tea"`,
    tags: ['n'],
  }));
  for (let from = 0; from < count; from += 100) {
    await client.memories.addMany.mutate({ space, memories: memories.slice(from, from + 100) });
  }
  const { memories: found, recallId } = await client.memories.query.mutate({
    space,
    query: 'Ada',
    conversationId: 'c',
  });
  const [first, second, third] = found.map(({ id }) => id) as [string, string, string];
  await client.memories.cite.mutate({ space, recallId: recallId!, memoryIds: [first] });
  await client.memories.update.mutate({ space, memoryId: second, content: 'Ada prefers coffee now' });
  await client.memories.forget.mutate({ space, memoryIds: [third] });
  expect(await anima(['export', space, '--output', file], env())).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Exported ".*" to .*: \d+ lines\.\n$/),
  });
}

const statesOf = async (of: string) => {
  const { memories } = await client.memories.list.query({ space: of, limit: 200, order: 'created' });
  return memories.map(({ embedding: _, ...memory }) => memory).toSorted((a, b) => (a.id < b.id ? -1 : 1));
};

test('an exported space is imported as it was, and once', async () => {
  await exported();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const copy = `${space} again`;
  const first = await anima(['import', file, '--space', copy], env());
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Imported ".* again": 30 memories, 34 events\./),
  });
  await folded();
  expect(await statesOf(copy)).toEqual(await statesOf(space));
  const again = await anima(['import', file, '--space', copy, '--json'], env());
  expect(JSON.parse(again.stdout)).toMatchObject({ space: copy, outcome: 'known', counts: { memories: 30 } });
  const verified = await anima(['rebuild', '--verify'], env());
  expect(verified.code).toBe(0);

  const piped = await anima(['export', copy], env());
  expect(piped.stdout.split('\n').length).toBe(readFileSync(file, 'utf8').split('\n').length);
});

test('without a name the space is called as in the file; one that has memories is refused', async () => {
  await exported();
  expect(await anima(['import', file], env())).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`CONFLICT: space "${space}" has memories already`),
  });
});

test('a dry run says what is in a file, and sends nothing', async () => {
  await exported();
  const shown = await anima(['import', file, '--space', `${space} not`, '--dry-run'], {
    ...env(),
    ANIMA_URL: 'http://127.0.0.1:9',
  });
  expect(shown).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 conversations, 30 memories, 1 versions, 34 events'),
  });
});

test.each<[string, (lines: string[]) => string[], RegExp]>([
  ['cut off', (lines) => lines.slice(0, -1), /cut off/],
  ['altered', (lines) => lines.with(3, lines[3]!.replace('Ada', 'Eve')), /altered/],
  [
    'newer',
    (lines) => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
    /version 2 of the format.*upgrade/,
  ],
])('a file that is %s is refused before anything is sent', async (_, change, why) => {
  await exported(3);
  writeFileSync(file, `${change(readFileSync(file, 'utf8').trimEnd().split('\n')).join('\n')}\n`);
  const refused = await anima(['import', file, '--space', `${space} again`], {
    ...env(),
    ANIMA_URL: 'http://127.0.0.1:9',
  });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(why) });
});

test('an import that is killed goes on at the next run, and the space is there only when it is whole', async () => {
  await exported(2_000);
  const copy = `${space} killed`;
  const running = startAnima(['import', file, '--space', copy], env());
  const isShutOff = async () => {
    const described = await client.spaces.describe.query({ space: copy }).catch((error: unknown) => error);
    return described instanceof Error && /is being imported/.test(described.message);
  };
  let wasShutOff = false;
  while (running.child.exitCode === null && !wasShutOff) wasShutOff = await isShutOff();
  running.child.kill('SIGKILL');
  await running.ended;
  expect(wasShutOff).toBe(true);
  const resumed = await anima(['import', file, '--space', copy, '--json'], env());
  expect(JSON.parse(resumed.stdout)).toMatchObject({ counts: { memories: 2_000 } });
  const { memories } = await client.memories.list.query({ space: copy, limit: 200 });
  expect(memories).toHaveLength(200);
});

test('what is exported without its end never has its name', async () => {
  const missing = await anima(['export', space, '--output', join(folder, 'no', 'where.jsonl')], env());
  expect(missing.code).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

/** As `get_all` of mem0's library and its platform answer. */
const mem0 = {
  results: [
    {
      id: '3c90c3cc-0d44-4b50-8888-8dd25736052a',
      memory: 'Name is Alex. Enjoys basketball.',
      hash: '5b5a0a1c0c7e3f1f7b2d9e7f8a6b4c3d',
      metadata: { category: 'hobbies', mood: 'fine' },
      created_at: '2024-07-20T01:30:36.275141-07:00',
      updated_at: null,
      user_id: 'alex',
      run_id: 'session-1',
    },
    {
      id: '1b2c0c1a-8f0b-4f5e-9a53-6d34b2a7a1de',
      memory: 'Is a vegetarian',
      user_id: 'sam',
      agent_id: null,
      categories: ['food', 'health'],
      created_at: '2024-09-15T01:04:28',
      expiration_date: '2999-01-01',
    },
    { id: 'x', memory: '', user_id: 'sam', created_at: '2024-09-15T01:04:28Z' },
  ],
  relations: [],
};

test('memories of mem0 become memories, whatever document they come in, once', async () => {
  const path = join(folder, 'mem0.json');
  for (const [index, text] of [
    JSON.stringify(mem0, null, 2),
    JSON.stringify(mem0.results),
    mem0.results.map((one) => JSON.stringify(one)).join('\n'),
  ].entries()) {
    writeFileSync(path, text);
    const imported = await anima(['import', path, '--space', space, '--json'], env());
    expect(imported.code).toBe(1);
    expect(JSON.parse(imported.stdout)).toMatchObject({
      file: path,
      ...{ added: index === 0 ? 2 : 0, duplicates: 0, refused: 1 },
    });
  }
  const [second, first] = (await client.memories.list.query({ space })).memories.toSorted((a, b) =>
    a.content < b.content ? -1 : 1,
  );
  expect(first).toMatchObject({
    ...{ content: 'Name is Alex. Enjoys basketball.', source: 'mem0', category: 'hobbies', tags: [] },
    occurredAt: '2024-07-20T08:30:36.275Z',
  });
  expect(second).toMatchObject({
    ...{ content: 'Is a vegetarian', tags: ['food', 'health'], occurredAt: '2024-09-15T01:04:28.000Z' },
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
});

test('each user of mem0 may have a space of their own, and a dry run says which', async () => {
  const path = join(folder, 'mem0.json');
  const users = mem0.results.slice(0, 2).map((one) => ({ ...one, user_id: `${space} ${one.user_id}` }));
  writeFileSync(path, JSON.stringify([...users, { memory: 'of nobody' }]));
  const args = ['import', path, '--space', space, '--space-per-user'];
  const foreseen = await anima([...args, '--dry-run'], { ...env(), ANIMA_URL: 'http://127.0.0.1:9' });
  expect(foreseen).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Would add 1 memories to "${space} alex"`),
  });
  expect(foreseen.stdout).toContain('unknown key "metadata.mood" ignored (1 times)');
  const imported = await anima([...args, '--json'], env());
  expect(JSON.parse(imported.stdout)).toMatchObject([
    { space: `${space} alex`, added: 1 },
    { space: `${space} sam`, added: 1 },
    { space, added: 1 },
  ]);
});

test('a graph of the MCP memory server becomes a memory for each observation and relation', async () => {
  const path = join(folder, 'memory.jsonl');
  const graph = [
    {
      type: 'entity',
      name: 'John_Smith',
      entityType: 'person',
      observations: ['Speaks fluent Spanish', 'Graduated in 2019'],
    },
    { type: 'entity', name: 'Anthropic', entityType: 'organization', observations: [] },
    { type: 'relation', from: 'John_Smith', to: 'Anthropic', relationType: 'works_at' },
  ];
  writeFileSync(path, `${graph.map((line) => JSON.stringify(line)).join('\n')}\n`);
  expect(await anima(['import', path, '--space', space], env())).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('4 new'),
  });
  const { memories } = await client.memories.list.query({ space });
  expect(memories.map(({ content, category, tags, source }) => [content, category, tags, source]).toSorted()).toEqual([
    ['Anthropic (organization)', 'organization', ['Anthropic'], 'mcp-memory'],
    ['John_Smith works_at Anthropic', 'relation', ['John_Smith', 'Anthropic'], 'mcp-memory'],
    ['John_Smith: Graduated in 2019', 'person', ['John_Smith'], 'mcp-memory'],
    ['John_Smith: Speaks fluent Spanish', 'person', ['John_Smith'], 'mcp-memory'],
  ]);
  const { entities, relations } = { entities: graph.slice(0, 2), relations: graph.slice(2) };
  writeFileSync(path, JSON.stringify({ entities, relations }, null, 2));
  const again = await anima(['import', path, '--space', space, '--json'], env());
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, duplicates: 0 });
});
