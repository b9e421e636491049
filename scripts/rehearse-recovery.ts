// `npm run rehearse:recovery`: what docs/operations.md says of point-in-time recovery, done. A cluster of its own with
// WAL archiving, a base backup, writes without pause, a moment T among them, the loss of the cluster, recovery to T:
// what was acknowledged before T has to be there, what was begun after T not, and the projections have to agree with
// the log. It takes some 15 s, and PostgreSQL with pgvector on this machine (scripts/provision-postgres.sh).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeFile, makeFolder, missingForCluster, PostgresCluster, runProgram } from './postgres-cluster.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const database = 'anima';
const writers = 8;
const writesInBetween = 100;
const patienceMs = 60_000;

interface Write {
  readonly content: string;
  readonly begunAt: number;
  /** Undefined when nobody said that it was done. */
  acknowledgedAt?: number;
}

async function main(): Promise<number> {
  if (missingForCluster !== undefined) {
    console.log(`skipped: ${missingForCluster}; scripts/provision-postgres.sh installs one`);
    return 0;
  }
  const folder = makeFolder(mkdtempSync(join(tmpdir(), 'anima-recovery-')));
  chmodSync(folder, 0o755);
  try {
    return (await rehearse(folder)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearse(folder: string): Promise<boolean> {
  const [data, base, archive] = ['data', 'base', 'archive'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  makeFolder(archive);
  // Small pieces of the log, so that there are several in a short time.
  await runProgram('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--wal-segsize=1',
  ]);
  const archiving = {
    archive_mode: 'on',
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
    archive_timeout: '1',
  };
  const primary = await PostgresCluster.start(data, archiving);
  await primary.query('postgres', `create database ${database}`);
  const server = await startServer(primary.url(database));

  const writes: Write[] = [];
  const load = new AbortController();
  const writing = Array.from({ length: writers }, () => write(server.url, writes, load.signal));
  const acknowledged = () => writes.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length;
  const more = () => until(acknowledgedBeyond(acknowledged(), acknowledged));
  await more();

  await runProgram('pg_basebackup', ['-d', primary.url('postgres'), '-D', base, '-c', 'fast', '-X', 'fetch']);
  console.log(`base backup       while writing, ${acknowledged()} writes acknowledged so far`);
  await more();

  const moment = await primary.query(
    database,
    "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')",
  );
  const at = Date.parse(moment.replace(' ', 'T').replace('+00', 'Z'));
  await more();
  const reached = await primary.query(database, 'select pg_walfile_name(pg_current_wal_lsn())');
  await until(async () => (await primary.query(database, 'select last_archived_wal from pg_stat_archiver')) >= reached);
  console.log(`T                 ${moment}`);

  // The disaster, while writing.
  server.process.kill('SIGKILL');
  await primary.stop('immediate');
  load.abort();
  await Promise.all(writing);
  rmSync(data, { recursive: true });
  console.log(`disaster          the cluster is gone, ${acknowledged()} writes acknowledged`);

  const since = performance.now();
  makeFile(join(base, 'recovery.signal'));
  const recovered = await PostgresCluster.start(base, {
    restore_command: `cp ${archive}/%f %p`,
    recovery_target_time: moment,
    recovery_target_action: 'promote',
    archive_mode: 'off',
  });
  await until(async () => (await recovered.query(database, 'select pg_is_in_recovery()')) === 'f');
  console.log(`recovery          to T, in ${((performance.now() - since) / 1_000).toFixed(1)} s`);

  const there = new Set((await recovered.query(database, 'select content from memories')).split('\n'));
  const isComplete = compare(writes, at, there);
  const again = await startServer(recovered.url(database));
  const verified = await verify(again.url);
  again.process.kill('SIGTERM');
  await once(again.process, 'exit');
  await recovered.stop('fast');
  return isComplete && verified;
}

/** Whether all is there that was acknowledged before T, and nothing that was begun after it. */
function compare(writes: readonly Write[], at: number, there: ReadonlySet<string>): boolean {
  const before = writes.filter(({ acknowledgedAt = Number.POSITIVE_INFINITY }) => acknowledgedAt < at);
  const after = writes.filter(({ begunAt }) => begunAt > at);
  const kept = before.filter(({ content }) => there.has(content)).length;
  const undone = after.filter(({ content }) => !there.has(content)).length;
  const underWay = writes.length - before.length - after.length;
  console.log(
    `before T          ${kept} of ${before.length} acknowledged writes are there (${there.size} memories in all)`,
  );
  console.log(`after T           ${undone} of ${after.length} writes are not there`);
  console.log(`at T              ${underWay} writes were under way: they may be there or not`);
  return (
    before.length >= 2 * writesInBetween &&
    after.length >= writesInBetween &&
    kept === before.length &&
    undone === after.length
  );
}

async function verify(url: string): Promise<boolean> {
  const cli = spawn(process.execPath, [join(root, 'packages/cli/src/main.ts'), 'rebuild', '--verify'], {
    env: { ...process.env, ANIMA_URL: url },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(cli, 'close')) as [number];
  console.log(`rebuild --verify  ${code === 0 ? 'every projection agrees with the log' : 'FAILED'}`);
  return code === 0;
}

/** Adds one memory after the other until it is told to stop; what fails is not acknowledged. */
async function write(url: string, writes: Write[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const one: Write = { content: `note ${writes.length} of the rehearsal`, begunAt: Date.now() };
    writes.push(one);
    const acknowledged = await post(url, 'add', { content: one.content });
    if (acknowledged) one.acknowledgedAt = Date.now();
    // Projections of accesses are to be recovered, too.
    if (writes.length % 10 === 0) await post(url, 'query', { query: one.content, conversationId: 'rehearsal' });
    if (!acknowledged) await sleep(20);
  }
}

async function post(url: string, operation: string, body: object): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v1/memories/${operation}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // nobody acknowledged it
  }
}

async function startServer(databaseUrl: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(root, 'apps/server/src/main.ts')], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'error',
      ANIMA_AUTH: 'off',
      ADD_EMBED_BUDGET_MS: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server did not start')));
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string }];
  ended.catch(() => undefined);
  return { process: child, url: message.url };
}

function acknowledgedBeyond(before: number, count: () => number): () => Promise<boolean> {
  return async () => count() >= before + writesInBetween;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs / 1_000} s: ${condition}`);
    await sleep(20);
  }
}

process.exitCode = await main();
