import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { anima, temporaryFolder } from './running-command.ts';

const env = { ANIMA_URL: inject('url') };

test('what is added is found, explained, cited and part of a bootstrap', async () => {
  const space = randomUUID();
  const added = await anima(['add', 'Ada', 'prefers', 'tea', '--space', space, '--tag', 'drinks', '--json'], env);
  const { memory, isDuplicate } = JSON.parse(added.stdout);
  expect(isDuplicate).toBe(false);
  expect(memory).toMatchObject({ content: 'Ada prefers tea', tags: ['drinks'] });

  const again = await anima(['add', '-', '--space', space], env, 'Ada prefers tea\n');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^Known already.*\n${memory.id}\n$`)),
  });

  const query = await anima(['query', 'what does Ada prefer?', '--space', space, '--json'], env);
  const { memories, recallId } = JSON.parse(query.stdout);
  expect(memories[0].id).toBe(memory.id);

  const shown = await anima(['query', 'tea', '--space', space, '--no-record', '--explain'], env);
  expect(shown.stdout).toContain('Ada prefers tea');
  expect(shown.stdout).toMatch(/similarity .*lexical .*φ .*structural weight/);
  expect(shown.stdout).toMatch(/score \d\.\d{3} = .*words █+\S* /);

  const cited = await anima(['cite', recallId, memory.id, '--space', space], env);
  expect(cited).toMatchObject({ code: 0, stdout: 'Cited 1.\n' });
  const bootstrap = await anima(['bootstrap', '--space', space], env);
  expect(bootstrap.stdout).toContain('active: 1\n');
  const prompt = await anima(['bootstrap', '--format', 'prompt', '--token-budget', '300', '--space', space], env);
  expect(prompt.stdout).toMatch(/^# Memory\n[\s\S]*\n## Recent\n- \d{4}-\d\d-\d\d: Ada prefers tea\n$/);
});

test('a memory is shown, changed, listed, forgotten, restored, marked, raised and erased', async () => {
  const space = randomUUID();
  const inSpace = ['--space', space];
  const add = async (...args: string[]) =>
    JSON.parse((await anima(['add', ...args, ...inSpace, '--json'], env)).stdout);
  const { id } = (await add('Ada lives in Paris', '--category', 'home')).memory;
  const draft = (await add('a draft', '--category', 'draft')).memory.id;

  const updated = await anima(['update', id, '--content', 'Ada lives in Rome', '--no-category', ...inSpace], env);
  expect(updated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Version 2 [\s\S]*Ada lives in Rome/) });
  const old = await anima(['get', id, '--version', '1', ...inSpace, '--json'], env);
  expect(JSON.parse(old.stdout)).toMatchObject({ content: 'Ada lives in Paris', category: null, version: 1 });
  expect((await anima(['get', id, ...inSpace], env)).stdout).toMatch(/Ada lives in Rome[\s\S]*version +2 of 2/);

  const listed = async (...args: string[]) => {
    const { stdout } = await anima(['list', ...args, ...inSpace, '--json'], env);
    return JSON.parse(stdout).memories.map((one: { id: string }) => one.id);
  };
  expect(await listed()).toEqual([draft, id]);
  expect(await listed('--ascending', '--limit', '1')).toEqual([id]);

  const planned = await anima(['forget', '--category', 'draft', '--dry-run', ...inSpace], env);
  expect(planned.stdout).toBe(`${draft}\n1 memory would be forgotten.\n`);
  expect((await anima(['forget', draft, ...inSpace], env)).stdout).toBe('1 memory forgotten.\n');
  expect(await listed('--visibility', 'hidden')).toEqual([draft]);
  expect((await anima(['forget', draft, ...inSpace], env)).stdout).toContain(`not ${draft}: it is hidden`);
  expect((await anima(['restore', draft, ...inSpace], env)).stdout).toBe('1 memory restored.\n');
  expect((await anima(['catalyst', id, ...inSpace], env)).stdout).toBe('1 memory marked.\n');
  expect((await anima(['tier', 'network', id, '--reason', 'the hub', ...inSpace], env)).stdout).toBe(
    '1 of 1 now network.\n',
  );
  await expect.poll(() => listed('--tier', 'network', '--catalysts'), { timeout: 20_000 }).toEqual([id]);

  expect(await anima(['erase', id, ...inSpace], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--yes'),
  });
  expect((await anima(['erase', id, '--yes', ...inSpace], env)).stdout).toBe('1 memory erased for good.\n');
  expect(await anima(['get', id, ...inSpace], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT_FOUND'),
  });
});

test('near-duplicates are shown before they are merged, and parted again', async () => {
  const space = randomUUID();
  await anima(['space', space, '--no-consolidation'], env);
  for (const text of ['Ada plays chess on Mondays', 'Ada plays chess on Mondays!', 'Ada plays chess on Tuesdays']) {
    await anima(['add', text, '--space', space], env);
  }
  const look = async (...args: string[]) =>
    JSON.parse((await anima(['consolidate', space, '--json', ...args], env)).stdout);
  await expect.poll(async () => (await look('--dry-run')).pairs.length, { timeout: 20_000 }).toBe(3);
  const shown = await anima(['consolidate', space, '--dry-run'], env);
  expect(shown.stdout).toMatch(
    /the same\n += Ada plays chess on Mondays .*\n +← Ada plays chess on Mondays! [\s\S]*other names[\s\S]*1 of 3 would be merged/,
  );
  const { merged, pairs } = await look();
  expect(merged).toBe(1);
  const variant = pairs.find((pair: { isMerged: boolean }) => pair.isMerged).merged.memoryId;
  expect((await anima(['get', variant, '--space', space], env)).stdout).toContain('merged into');
  expect((await anima(['unmerge', variant, '--space', space], env)).stdout).toContain('stands alone again');
  expect((await look()).merged).toBe(0);
});

test('a memory’s history, its tiers, a recall’s receipt and the past are told', async () => {
  const space = randomUUID();
  const inSpace = ['--space', space];
  const add = async (text: string) =>
    JSON.parse((await anima(['add', text, '--json', ...inSpace], env)).stdout).memory.id;
  const id = await add('Ada prefers tea');
  const { recallId } = JSON.parse((await anima(['query', 'tea', '--json', ...inSpace], env)).stdout);
  const history = await anima(['history', id, ...inSpace], env);
  expect(history.stdout).toMatch(/^ *\d+ .* added {2}active · φ 0\.0 .*\n *\d+ .* recalled alone {2}active · φ 0\.1 /);
  const { events } = JSON.parse((await anima(['history', id, '--descending', '--json', ...inSpace], env)).stdout);
  expect(events).toMatchObject([{ eventId: recallId, type: 'memory.accessed' }, { type: 'memory.added' }]);
  const tiers = await anima(['history', id, '--tiers', ...inSpace], env);
  expect(tiers).toMatchObject({ code: 0, stdout: 'It has always been active.\n' });

  const receipt = await anima(['receipt', recallId, ...inSpace], env);
  expect(receipt.stdout).toMatch(new RegExp(`${id}[^]*score \\d\\.\\d{3} = .*words`));

  await add('Ben prefers tea');
  const asOf = ['--as-of', String(events[0].position), '--json', ...inSpace];
  const then = JSON.parse((await anima(['query', 'tea', ...asOf], env)).stdout);
  expect(then).toMatchObject({ count: 1, recallId: null, memories: [{ id, accessCount: 1 }] });
  const bootstrap = JSON.parse((await anima(['bootstrap', ...asOf], env)).stdout);
  expect(bootstrap.distribution).toMatchObject({ total: 1 });
  const tooFar = await anima(['query', 'tea', '--as-of', '999999999', ...inSpace], env);
  expect(tooFar).toMatchObject({ code: 1, stderr: expect.stringMatching(/^VALIDATION_ERROR: asOf: must be at most/) });
  const never = await anima(['query', 'tea', '--as-of', 'yesterday', ...inSpace], env);
  expect(never).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^VALIDATION_ERROR: asOf: must be an ISO 8601 time/),
  });
});

test('a space is shown, configured bit by bit, and left to the server again', async () => {
  const space = randomUUID();
  const shown = await anima(['space', space], env);
  expect(shown).toMatchObject({ code: 0, stdout: `${space} leaves everything to the server.\n` });
  await anima(['space', space, '--neighbour-turn-lift', '0.3', '--sentence-vectors'], env);
  const changed = await anima(['space', space, '--threshold', '0.4', '--no-sentence-vectors', '--json'], env);
  expect(JSON.parse(changed.stdout)).toEqual({
    space,
    settings: { neighbourTurnLift: 0.3, similarityThreshold: 0.4, sentenceVectors: false },
  });
  const refused = await anima(['space', space, '--lexical-weight', '2'], env);
  expect(refused).toMatchObject({ code: 1, stderr: 'VALIDATION_ERROR: settings.lexicalWeight: must be at most 1\n' });
  const reset = await anima(['space', space, '--reset', '--ranking', 'structural'], env);
  expect(reset.stdout).toBe(`${space}\n  ranking structural\n`);
});

test('a range of time is asked for by its days', async () => {
  const space = randomUUID();
  await anima(['add', 'Ada met Ben', '--occurred-at', '2026-05-07T10:00:00Z', '--space', space], env);
  const query = ['query', 'Ada', '--space', space, '--json'];
  const inMay = await anima([...query, '--from', '2026-05-01', '--to', '2026-05-31'], env);
  const inJune = await anima([...query, '--from', '2026-06-01'], env);
  expect([JSON.parse(inMay.stdout).count, JSON.parse(inJune.stdout).count]).toEqual([1, 0]);
});

test('a verification that finds no difference ends with 0 and shows each projection', async () => {
  const { code, stdout } = await anima(['rebuild', '--verify'], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/memory_state.*compared only/);
  expect(stdout).toMatch(/associations.*compared only/);
});

test('a refused request ends with 1 and names code, field and limit', async () => {
  const { code, stdout, stderr } = await anima(['query', 'tea', '--limit', '101'], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('VALIDATION_ERROR: limit: must be at most 100\n');
});

test('a command that is not understood ends with 2', async () => {
  const results = await Promise.all([
    anima(['query'], env),
    anima(['query', 'tea', '--limit', 'many'], env),
    anima(['remember', 'everything'], env),
    anima(['status', '--url', 'nowhere']),
  ]);
  expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
});

test('a server that was named must answer: nothing is opened in its place', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  const { code, stderr } = await anima(['status'], { ANIMA_URL: url, ANIMA_DATA_DIR: temporaryFolder() });
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^NETWORK_ERROR: .*${url}`));
  expect(stderr).not.toContain('embedded');
});

test('without any server, the command opens the data folder itself and closes it at its end', async ({ skip }) => {
  skip(await isListening(7100), 'something listens on the default port of a server, 7100');
  const own = { ANIMA_URL: undefined, DATABASE_URL: undefined, ANIMA_DATA_DIR: join(temporaryFolder(), 'data') };
  const added = await anima(['add', 'Kept in a folder'], own);
  expect(added.stderr).toContain('started an embedded server');
  expect(added.stdout).toContain('Remembered');
  const { stdout, stderr } = await anima(['query', 'folder', '--json'], own);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout).memories).toMatchObject([{ content: 'Kept in a folder' }]);
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
