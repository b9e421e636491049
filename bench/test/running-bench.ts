import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type BenchReport, benchReport } from '@anima/core';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the real command on the embedded engine, and reads its report. */
export async function runBench(...args: string[]): Promise<{
  readonly code: number;
  readonly report: BenchReport;
  readonly data: unknown;
  readonly stdout: string;
}> {
  const file = join(newFolder(), 'result.json');
  const env = { ...process.env, DATABASE_URL: undefined };
  const child = spawn(process.execPath, [main, ...args, '--no-record', '--json', file], { env });
  onTestFinished(() => void child.kill());
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  if (!stdout.includes(`Written to ${file}`)) throw new Error(`${stdout}\n${stderr}`);
  const { data, ...report } = JSON.parse(readFileSync(file, 'utf8'));
  return { code, report: benchReport.parse(report), data, stdout };
}
