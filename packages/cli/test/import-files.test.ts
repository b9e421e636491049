import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnimaClient } from '@anima/client';
import { beforeEach, expect, inject, test } from 'vitest';
import { anima, type Ended, temporaryFolder } from './running-command.ts';

const fixtures = fileURLToPath(new URL('../../importers/test/fixtures', import.meta.url));
const client = createAnimaClient({ url: inject('url') });

let folder: string;
let have: string;
let space: string;

/** What a person has: notes, an export of each chat, transcripts of two agents. */
beforeEach(() => {
  folder = temporaryFolder();
  have = join(folder, 'have');
  cpSync(fixtures, have, { recursive: true });
  space = `files-${randomUUID()}`;
});

const env = () => ({ ANIMA_URL: inject('url'), XDG_STATE_HOME: join(folder, 'state') });
const importAll = (...args: string[]): Promise<Ended> => anima(['import', have, '--space', space, ...args], env());
const json = async (ended: Promise<Ended>) => JSON.parse((await ended).stdout);

async function held() {
  await expect.poll(async () => (await client.meta.metrics.query()).folds.lagEvents, { timeout: 20_000 }).toBe(0);
  const { memories } = await client.memories.list.query({ space, limit: 200 });
  return memories;
}

test('what a person has is imported from one folder with its provenance, and a second time changes nothing', async () => {
  const first = await importAll();
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('14 of 14 memories') });
  expect(first.stdout).toMatch(/^Imported 14 memories .*: 14 new, 0 known before[\s\S]*Left out:\n {2}\d+ × /);
  const memories = await held();
  expect(memories).toHaveLength(14);
  expect(memories.find(({ content }) => content.startsWith('At 17 °C'))).toMatchObject({
    tags: ['assistant', 'Sourdough in a cold kitchen'],
    source: 'chatgpt:69055b40-1111-8333-9222-0123456789ab#5d0c0005-0000-4000-8000-000000000005',
    occurredAt: '2025-11-01T08:00:25.250Z',
  });

  expect(await importAll()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing new .*\n14 were imported/),
  });
  expect((await held()).map(({ accessCount }) => accessCount)).toEqual(memories.map(() => 0));
});

test('of notes and chats that have changed only what is new is imported, and what was forgotten stays so', async () => {
  await importAll('--json');
  const [tea] = (await held()).filter(({ content }) => content.includes('Companhia'));
  await client.memories.forget.mutate({ space, memoryIds: [tea!.id] });
  const note = join(have, 'notes', 'Lisbon.md');
  writeFileSync(note, readFileSync(note, 'utf8').replace('third floor', 'fourth floor'));
  expect(await json(importAll('--json'))).toMatchObject({
    importedBefore: 13,
    added: 1,
    duplicates: 0,
    isComplete: true,
  });
  const memories = await held();
  expect(memories.filter(({ content }) => content.includes('Companhia'))).toEqual([]);
  expect(new Set(memories.map(({ accessCount }) => accessCount))).toEqual(new Set([0]));
});

test('a batch whose answer never came is sent again as it was, and counts once', async () => {
  await importAll('--json');
  const journals = join(folder, 'state', 'anima', 'imported');
  const journal = join(journals, readdirSync(journals)[0]!);
  const [head, sending] = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, `${head}\n${sending}\n{"done": ["torn`);
  expect(await json(importAll('--json'))).toMatchObject({ importedBefore: 0, added: 14, duplicates: 0 });
  const memories = await held();
  expect(memories.map(({ accessCount }) => accessCount)).toEqual(Array.from({ length: 14 }, () => 0));
});

test('another space, or the same in another database, gets it all', async () => {
  await importAll('--json');
  const journals = join(folder, 'state', 'anima', 'imported');
  const journal = join(journals, readdirSync(journals)[0]!);
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"witness":"[^"]+"/, `"witness":"${randomUUID()}"`));
  // The batch has the same key, so a server that knows it after all still counts it once.
  expect(await json(importAll('--json'))).toMatchObject({ importedBefore: 0, added: 14, duplicates: 0 });
  space = `${space}-two`;
  expect(await json(importAll('--json'))).toMatchObject({ importedBefore: 0, added: 14 });
});

test('a dry run says what, from where, and what is left out and why, and sends nothing', async () => {
  writeFileSync(join(have, 'broken.json'), '[{"mapping": ');
  const shown = await anima(['import', have, '--space', space, '--dry-run'], { XDG_STATE_HOME: folder });
  expect(shown.code).toBe(1);
  expect(shown.stdout).toMatch(/^Would add 14 memories of 10 files [\s\S]*Left out:[\s\S]* × a message on a branch/);
  expect(shown.stdout).toContain('have/chatgpt/conversations.json: conversation 1 (Sourdough in a cold kitchen)');
  expect(shown.stderr).toMatch(/^have\/broken\.json: not JSON: /m);
  const only = await json(importAll('--dry-run', '--json', '--from', 'transcript'));
  expect(only).toMatchObject({
    memories: 4,
    sample: expect.arrayContaining([expect.objectContaining({ memory: expect.anything() })]),
  });
  expect((await client.memories.list.query({ space })).memories).toEqual([]);
});

test('a single file is recognised by what is in it', async () => {
  const chat = join(folder, 'my chats');
  cpSync(join(have, 'claude', 'conversations.json'), chat);
  const found = await json(anima(['import', chat, '--dry-run', '--json', '--space', space], env()));
  expect(found).toMatchObject({ files: 1, memories: 2, faults: [] });
  const nothing = await anima(['import', join(have, 'notes', 'empty.md')], env());
  expect(nothing).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^VALIDATION_ERROR: .*empty\.md has no notes/m),
  });
});
