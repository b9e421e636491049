import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as requestTo, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import { beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { anima, type Ended, startAnima, temporaryFolder } from './running-command.ts';

const client = createAnimaClient({ url: inject('url') });

let folder: string;
let file: string;
let space: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'memories.jsonl');
  space = `import-${randomUUID()}`;
});

const env = (url = inject('url')) => ({ ANIMA_URL: url, XDG_STATE_HOME: join(folder, 'state') });
const runImport = (...args: string[]): Promise<Ended> => anima(['import', file, '--space', space, ...args], env());

function writeLines(count: number, first = 1): void {
  for (let number = first; number < first + count; number += 1) {
    appendFileSync(
      file,
      `${JSON.stringify({ content: `Memory number ${number} of this file`, source: `line ${number}` })}\n`,
    );
  }
}

/** Every memory of the space as content → how often it was accessed. */
async function accesses(): Promise<Map<string, number>> {
  await expect.poll(async () => (await client.meta.metrics.query()).folds.lagEvents, { timeout: 20_000 }).toBe(0);
  const { memories } = await client.memories.bootstrap.query({ space, limit: 200, activeLimit: 1_000 });
  return new Map([...memories.active, ...memories.thread].map(({ content, accessCount }) => [content, accessCount]));
}

/** Content that was added once has never been accessed. */
async function expectEachOnce(count: number): Promise<void> {
  const counts = await accesses();
  expect(counts.size).toBe(count);
  expect(new Set(counts.values())).toEqual(new Set([0]));
}

/** The address of a proxy that calls `onAnswer` with the number of each `addMany` instead of passing its answer on. */
async function proxy(onAnswer: (number: number) => 'pass' | 'drop'): Promise<string> {
  let count = 0;
  const server: Server = createServer(async (request, response) => {
    const { method, headers } = request;
    const body = Buffer.concat(await request.toArray());
    const forwarded = requestTo(new URL(request.url ?? '/', inject('url')), { method, headers }).end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const answered = Buffer.concat(await answer.toArray());
    if (request.url?.includes('addMany')) {
      count += 1;
      if (onAnswer(count) === 'drop') return request.socket.destroy();
    }
    return response.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('importing a file twice changes nothing, not even an access count', async () => {
  writeLines(120);
  const first = await runImport('--batch', '50');
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('120 new, 0 known before') });
  await expectEachOnce(120);

  const second = await runImport('--batch', '30');
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining(`Nothing to import into "${space}"`) });
  await expectEachOnce(120);
});

test('an import that was killed goes on where it stopped, and what it was sending counts once', async () => {
  writeLines(100);
  const killed = startAnima(
    ['import', file, '--space', space, '--batch', '10'],
    env(
      await proxy((number) => {
        if (number < 4) return 'pass';
        killed.child.kill('SIGKILL');
        return 'drop';
      }),
    ),
  );
  await killed.ended;
  expect((await accesses()).size).toBe(40);

  const resumed = await runImport('--batch', '25', '--json');
  expect(JSON.parse(resumed.stdout)).toMatchObject({ resumedAfterLine: 30, lines: 100, added: 70, isComplete: true });
  await expectEachOnce(100);
});

test('Ctrl-C ends an import after the batch it sends, and says how to go on', async () => {
  writeLines(100);
  const stopped = startAnima(
    ['import', file, '--space', space, '--batch', '10'],
    env(
      await proxy((number) => {
        if (number === 2) stopped.child.kill('SIGINT');
        return 'pass';
      }),
    ),
  );
  const { code, stdout } = await stopped.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/Stopped after line \d+\. Run the same command again to go on\./);

  expect(await runImport()).toMatchObject({ code: 0 });
  await expectEachOnce(100);
});

test('of a file that has grown or was renamed, only what is new is imported', async () => {
  writeLines(15);
  await runImport();
  file = join(folder, 'renamed.jsonl');
  writeLines(25);
  const { stdout } = await runImport('--json');
  expect(JSON.parse(stdout)).toMatchObject({ resumedAfterLine: 15, added: 10, duplicates: 0 });
  await expectEachOnce(25);
});

test('a database that does not hold what was imported gets it all', async () => {
  writeLines(10);
  await runImport();
  const ledger = join(folder, 'state', 'anima', 'imports');
  const [name] = readdirSync(ledger);
  const entry = JSON.parse(readFileSync(join(ledger, name!), 'utf8'));
  space = `${space}-of-another-database`;
  writeFileSync(join(ledger, name!), JSON.stringify({ ...entry, space }));

  const { stdout } = await runImport('--json');
  expect(JSON.parse(stdout)).toMatchObject({ resumedAfterLine: 0, added: 10 });
});

test('lines that break a rule are named with the reason, unknown keys are counted, and the rest goes on', async () => {
  const lines = [
    { content: 'A good memory', speaker: 'Ada', mood: 'fine' },
    { content: '' },
    { content: 'Too many tags', tags: Array.from({ length: 21 }, (_, index) => `tag-${index}`) },
    { content: 'Of an unknown time', occurredAt: 'yesterday' },
    { content: 'Another good memory', speaker: 'Ben', category: null },
    { content: 'A good memory' },
  ].map((line) => JSON.stringify(line));
  writeFileSync(
    file,
    [...lines, '{"content": ', '', '["not an object"]', `{"content": "${'x'.repeat(1_100_000)}"}`].join('\n'),
  );

  const text = await runImport();
  expect(text.code).toBe(1);
  expect(text.stdout).toContain('2 new, 1 known before');
  for (const note of [
    /line 2: content: must not be empty/,
    /line 3: tags: must be at most 20 tags/,
    /line 4: occurredAt: must be an ISO 8601 time/,
    /line 7: not JSON/,
    /line 9: not a JSON object/,
    /line 10: the line is longer than 1 MiB/,
    /unknown key "speaker" ignored \(2 times\)/,
    /unknown key "mood" ignored \(1 times\)/,
  ]) {
    expect(text.stderr).toMatch(note);
  }
});
