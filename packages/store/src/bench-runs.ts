import { createHash } from 'node:crypto';
import { type BenchReport, type BenchRun, type BenchRunSummary, type BenchStore, limits } from '@anima/core';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from './engine/engine.ts';
import { answering } from './unavailable.ts';

/** Runs of the bench; a table of the server, so its statements name no space. */
export function openBenchRuns(db: Database): BenchStore {
  return {
    keepBenchRun: answering((report) => keep(db, report)),
    listBenchRuns: answering((wanted) => list(db, wanted)),
    readBenchRun: answering((id) => read(db, id)),
  };
}

async function keep(db: Database, report: BenchReport): Promise<string> {
  const id = idOf(report);
  const { blocks, ...summary } = report;
  await sql`insert into bench_runs (id, bench, summary, blocks)
    values (${id}, ${report.bench}, ${JSON.stringify(summary)}::json, ${JSON.stringify(blocks)}::json)
    on conflict (id) do nothing`.execute(db);
  await sql`delete from bench_runs where id <= (
    select id from bench_runs order by id desc offset ${limits.keptBenchRuns} limit 1)`.execute(db);
  return id;
}

/** In the order of time, and the same for the same run. */
function idOf(report: BenchReport): string {
  const random = createHash('sha256').update(JSON.stringify(report)).digest();
  return uuidv7({ msecs: Date.parse(report.at), random });
}

interface SummaryRow {
  readonly id: string;
  readonly summary: Omit<BenchReport, 'blocks'>;
}

async function list(
  db: Database,
  { bench, after, limit }: Parameters<BenchStore['listBenchRuns']>[0],
): Promise<BenchRunSummary[]> {
  const ofBench = bench === undefined ? sql`true` : sql`bench = ${bench}`;
  const behind = after === undefined ? sql`true` : sql`id < ${after}`;
  const { rows } = await sql<SummaryRow>`
    select id, summary from bench_runs where ${ofBench} and ${behind} order by id desc limit ${limit}`.execute(db);
  return rows.map(({ id, summary }) => ({ id, ...summary }));
}

async function read(db: Database, id: string): Promise<BenchRun | undefined> {
  const { rows } = await sql<SummaryRow & { readonly blocks: BenchReport['blocks'] }>`
    select id, summary, blocks from bench_runs where id = ${id}`.execute(db);
  const [row] = rows;
  return row && { id: row.id, ...row.summary, blocks: row.blocks };
}
