import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { benchReport } from '@anima/core';
import { expect, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Runs a bench as a person would, and reads the report that it leaves. */
export async function runSmall(name: string, sizes: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, `${name}.json`);
  const child = spawn(process.execPath, [main, name, ...sizes, '--no-record', '--json', file]);
  onTestFinished(() => void child.kill());
  const [, stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  expect(stdout, stderr).toContain(`Written to ${file}`);
  const { data, ...report } = JSON.parse(readFileSync(file, 'utf8'));
  return { report: { ...benchReport.parse(report), data }, output: `${stdout}\n${stderr}` };
}
