import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAnimaClient } from '@anima/client';
import { afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { program } from '../src/program.ts';
import { anima, temporaryFolder } from './running-command.ts';

const url = inject('url');
const client = createAnimaClient({ url });
const space = randomUUID();
const inSpace = ['--space', space];
const names = program().commands.map((command) => command.name());
let [kept, other, recallId]: string[] = [];
const variants: string[] = [];

/** Speaks a protocol on stdout, for as long as its client runs. */
const withoutOutput = ['mcp'];
/** Works on an empty database by a server of its own: its own test. */
const onDatabase = ['restore-backup'];

/** How each command is run: what it needs is made in `beforeAll`. */
const runs = (folder: string): Readonly<Record<string, readonly string[] | (() => readonly string[])>> => ({
  add: ['Ada keeps bees', ...inSpace],
  query: ['tea', '--explain', '--expand', '2', ...inSpace],
  bootstrap: inSpace,
  cite: [recallId!, kept!, ...inSpace],
  get: [kept!, ...inSpace],
  list: inSpace,
  update: [kept!, '--category', 'drinks', ...inSpace],
  forget: [other!, ...inSpace],
  restore: [other!, ...inSpace],
  erase: ['--category', 'nothing', '--dry-run', ...inSpace],
  catalyst: [other!, ...inSpace],
  tier: ['thread', other!, ...inSpace],
  consolidate: [space, '--dry-run'],
  unmerge: () => [variants.pop()!, ...inSpace],
  associations: [kept!, ...inSpace],
  hubs: inSpace,
  network: inSpace,
  catalysts: ['--potential', ...inSpace],
  history: [kept!, ...inSpace],
  receipt: [recallId!, ...inSpace],
  space: [space],
  import: [join(folder, 'note.md'), '--dry-run', ...inSpace],
  export: [space, '--output', join(folder, 'space.jsonl')],
  rebuild: ['--verify'],
  archive: ['--dry-run'],
  reembed: [space],
  backup: [join(folder, 'all.backup.gz')],
  keys: ['list'],
  status: [],
  doctor: [],
  demo: ['--url', url],
});

/** Runs a command in this process, which saves starting one for each. */
async function run(args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text;
      return true;
    });
  }
  try {
    await program().parseAsync([...args], { from: 'user' });
    return { ...written, exitCode: process.exitCode };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = 0;
  }
}

beforeAll(async () => {
  vi.stubEnv('ANIMA_URL', url);
  const memories = ['Ada prefers tea', 'Ben prefers tea', 'Tea is at four'].map((content) => ({ content }));
  const added = await client.memories.addMany.mutate({ memories, space });
  [kept, other] = added.map(({ memory }) => memory.id);
  const ask = () => client.memories.query.mutate({ query: 'tea', conversationId: 'monday', space });
  ({ recallId } = (await ask()) as { recallId: string });
  for (let times = 0; times < 5; times += 1) await ask();
  await client.spaces.configure.mutate({ space, settings: { consolidation: false } });
  for (const content of ['Ada sings on Mondays', 'Ada sings on Mondays!', 'Ada sings on Mondays.']) {
    variants.push((await client.memories.add.mutate({ content, space })).memory.id);
  }
  // Of this space: others of the server wait for models that never come.
  const pending = () => client.memories.list.query({ space, isPending: true });
  await vi.waitUntil(async () => (await pending()).memories.length === 0, { timeout: 60_000, interval: 100 });
  for await (const _ of await client.spaces.consolidate.mutate({ space }));
  const lag = async () => (await client.meta.metrics.query()).folds.lagEvents;
  await vi.waitUntil(async () => (await lag()) === 0, { timeout: 60_000, interval: 100 });
});

afterEach(() => vi.unstubAllEnvs());

test('every command has a help with examples', () => {
  for (const command of program().commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, command.name()).toMatch(/Examples?:\n {2}/);
  }
});

test('every command speaks to people in colour, and to programs in one JSON document', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'note.md'), '# Bees\n\nAda keeps bees on the roof.');
  const all = runs(folder);
  expect(Object.keys(all).toSorted()).toEqual(
    names.filter((name) => ![...withoutOutput, ...onDatabase].includes(name)).toSorted(),
  );
  const odd: string[] = [];
  for (const [name, args] of Object.entries(all)) {
    vi.stubEnv('ANIMA_URL', url);
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', '1');
    const argsOf = () => (typeof args === 'function' ? args() : args);
    const colour = await run([name, ...argsOf()]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a colour begins with
    if (!/\u001b\[\d+m/.test(colour.stdout)) odd.push(`${name}: no colour in ${JSON.stringify(colour.stdout)}`);
    if (name === 'demo') continue; // its own test
    const plain = await run([name, ...argsOf(), '--json']);
    if (plain.stderr !== '') odd.push(`${name} --json says on stderr: ${plain.stderr}`);
    expect(JSON.parse(plain.stdout), name).toBeTypeOf('object');
    if (colour.exitCode || plain.exitCode) odd.push(`${name}: failed`);
  }
  expect(odd).toEqual([]);
});

test('the demo recalls by meaning, promotes, associates and proves its log, on a server that is gone afterwards', async () => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await anima(['demo', '--json'], { TMPDIR: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { recalled, strengthened, associated, begun, told, proven } = JSON.parse(stdout);
  expect(recalled.hits[0]).toMatchObject({
    content: expect.stringContaining('riddles that have no answers'),
    lexical: 0,
  });
  expect(strengthened.before).toMatchObject({ tier: 'active', accessCount: 0, resonancePhi: 0 });
  expect(strengthened.after).toMatchObject({ tier: 'thread', accessCount: strengthened.queries });
  expect(associated.associations.length).toBeGreaterThan(1);
  expect(begun.prompt).toContain(strengthened.after.content.slice(0, 60));
  expect(told.events.at(-1).summary).toContain('recalled');
  expect(proven).toEqual({ events: expect.any(Number), differences: 0 });
  expect(readdirSync(folder)).toEqual([]);
});
