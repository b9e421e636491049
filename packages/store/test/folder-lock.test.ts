import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { lockFolder } from '../src/engine/folder-lock.ts';
import { openPglite } from '../src/engine/pglite.ts';
import { openStore } from '../src/index.ts';
import { RecordingLog } from './recording-log.ts';
import { words } from './word-model.ts';

const holding = import.meta.resolve('./processes/hold-folder.ts');
const remembering = import.meta.resolve('./processes/remember.ts');
const log = new RecordingLog();
let root: string;
let folder: string;
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'anima-lock-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'folder-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Another process, spoken to line by line. */
class Process {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly lines: Interface;

  constructor(script: string, ...args: string[]) {
    this.child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: 'pipe' });
    this.child.stderr.pipe(process.stderr);
    children.push(this.child);
    this.lines = createInterface({ input: this.child.stdout });
    this.#lines = this.lines[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid!;
  }

  async nextLine(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the process has ended');
    return value;
  }

  tell(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

async function holder(held?: string): Promise<Process> {
  const other = new Process(holding);
  expect(await other.nextLine()).toBe('ready');
  if (held) {
    other.tell(held);
    expect(await other.nextLine()).toBe('held');
  }
  return other;
}

test('a folder that another process holds is refused with a CONFLICT that names the process, and is not touched', async () => {
  const other = await holder(folder);
  const conflict = { code: 'CONFLICT', message: expect.stringMatching(`held by process ${other.pid}:`) };
  await expect(openPglite({ folder, worker: false, log })).rejects.toMatchObject(conflict);
  const options = { databaseUrl: undefined, dataDir: folder, poolMax: 1, worker: false, model: words, log };
  await expect(openStore(options)).rejects.toMatchObject(conflict);
  expect(existsSync(join(folder, 'pgdata'))).toBe(false);
});

test('this process cannot take a folder twice either', () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`held by process ${process.pid}:`);
  release();
  lockFolder(folder)();
});

test('the lock of a process that was killed is taken over', async () => {
  const other = await holder(folder);
  await other.kill();
  expect(existsSync(join(folder, 'lock'))).toBe(true);
  const release = lockFolder(folder);
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  release();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'a lock is stale too when its pid has been given to another process',
  async () => {
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
    lockFolder(folder)();
  },
);

test('a lock whose writer died before it could write is taken over', async () => {
  await writeFile(join(folder, 'lock'), '');
  lockFolder(folder)();
});

test('of several processes that race for a folder one wins, be it free, left behind, or left half-written', async () => {
  const dead = await holder();
  await dead.kill();
  const racers = await Promise.all([holder(), holder(), holder(), holder()]);
  const leftBehind = [undefined, JSON.stringify({ pid: dead.pid, startedAt: '1' }), ''];
  for (let round = 0; round < 30; round += 1) {
    const prize = join(folder, `${round}`);
    await mkdir(prize);
    const left = leftBehind[round % 3];
    if (left !== undefined) await writeFile(join(prize, 'lock'), left);
    for (const racer of racers) racer.tell(prize);
    const answers = await Promise.all(racers.map((racer) => racer.nextLine()));
    const winner = racers[answers.indexOf('held')];
    expect(
      answers.filter((answer) => answer === 'held'),
      `round ${round}`,
    ).toHaveLength(1);
    for (const answer of answers) {
      if (answer !== 'held')
        expect(answer).toContain(`CONFLICT the folder ${prize} is held by process ${winner!.pid}:`);
    }
  }
});

test('nothing that was acknowledged is missing after a kill', async () => {
  await cp(join(inject('pgliteTemplate'), 'pgdata'), join(folder, 'pgdata'), { recursive: true });
  const other = new Process(remembering, folder);
  const acknowledged: string[] = [];
  while (acknowledged.length < 60) acknowledged.push(await other.nextLine());
  await other.kill();
  const store = await openStore({
    databaseUrl: undefined,
    dataDir: folder,
    poolMax: 1,
    worker: false,
    model: words,
    log,
  });
  const space = await store.openSpace('diary');
  const read = await store.readMemories(space, acknowledged);
  expect(read.map(({ id }) => id)).toEqual(acknowledged);
  await store.close();
  lockFolder(folder)();
});
