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

/** A folder that is gone after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Run {
  readonly code: number;
  readonly report: BenchReport;
  /** What stays in the file: each scenario has a shape of its own. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as far as they know it
  readonly data: any;
  readonly output: string;
}

/** Runs a bench as a person would, on the embedded engine, and reads the report that it leaves. */
export async function runBench(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Run> {
  const file = join(newFolder(), 'result.json');
  const env = { ...process.env, DATABASE_URL: undefined, ...settings };
  const child = spawn(process.execPath, [main, ...args, '--no-record', '--json', file], { env });
  onTestFinished(() => void child.kill());
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  const output = `${stdout}\n${stderr}`;
  if (!stdout.includes(`Written to ${file}`)) throw new Error(output);
  const { data, ...report } = JSON.parse(readFileSync(file, 'utf8'));
  return { code, report: benchReport.parse(report), data, output };
}
