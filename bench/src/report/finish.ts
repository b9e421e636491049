import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from '@anima/core';
import type { Command } from 'commander';
import { renderPage } from './page.ts';
import { recordRun } from './record-run.ts';
import { type Findings, reportOf } from './report.ts';
import { renderForTerminal } from './terminal.ts';

export interface ReportOptions {
  /** A file, or true for stdout and nothing else. */
  readonly json?: string | true;
  /** Whether a server is told of the run. */
  readonly record: boolean;
  /** Of the measured server, where it was named. */
  readonly url?: string;
}

export function addReportOptions(command: Command): Command {
  return command
    .option(
      '--json [file]',
      'where the result goes, its page beside it (default: bench/results/NAME-TIME.json); with no file: to stdout only',
    )
    .option('--no-record', 'tell no server of the run');
}

/**
 * What every bench ends with: shows what was found, keeps it as a file and as a page, tells a server of it, and
 * fails the process when something was missed.
 */
export async function finish(findings: Findings, { json, record, url }: ReportOptions): Promise<void> {
  const report = reportOf(findings);
  const whole = `${JSON.stringify({ ...report, data: findings.data }, null, 2)}\n`;
  if (json === true) {
    process.stdout.write(whole);
  } else {
    process.stdout.write(`${renderForTerminal(report)}\n`);
    const file = json ?? defaultFile(report);
    const page = `${file.replace(/\.json$/, '')}.html`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, whole);
    await writeFile(page, renderPage(report));
    process.stdout.write(`Written to ${file}\nIts page is ${page}\n`);
  }
  const recorded = record ? await recordRun(report, url) : undefined;
  if (recorded !== undefined) process.stderr.write(`${recorded}\n`);
  if (report.verdict === 'failed') process.exitCode = 1;
}

function defaultFile({ bench, at }: BenchReport): string {
  const time = at.replaceAll(/[-:]|\.\d+/g, '');
  return fileURLToPath(new URL(`../../results/${bench}-${time}.json`, import.meta.url));
}
