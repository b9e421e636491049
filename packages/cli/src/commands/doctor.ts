import { styleText } from 'node:util';
import type { Finding } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], failure: ['red', '✗'] } as const;

export function doctorCommand(): Command {
  return addServerOptions(
    new Command('doctor').description('Look for what is wrong with the server, its database and its model.'),
  )
    .addHelpText(
      'after',
      `
Changes nothing. Exit code 1 when something fails; warnings do not count.

Examples:
  anima doctor
  anima doctor --json`,
    )
    .action(run);
}

async function run(options: ServerOptions): Promise<void> {
  const isQuiet = options.json === true;
  const examined = await withServer({ url: options.url, isQuiet }, async ({ client, url }) => ({
    url,
    findings: await client.meta.doctor.query(),
  }));
  if (isQuiet) printJson(examined);
  else process.stdout.write(`${examined.findings.map(render).join('\n')}\n${summary(examined.findings)}\n`);
  if (count(examined.findings, 'failure') > 0) process.exitCode = exitCodes.failed;
}

function render({ subject, status, message, advice }: Finding): string {
  const [colour, mark] = marks[status];
  const line = `${styleText(colour, mark)} ${subject.padEnd(11)} ${message}`;
  return advice === undefined ? line : `${line}\n${' '.repeat(14)}→ ${advice}`;
}

function summary(findings: readonly Finding[]): string {
  const failures = count(findings, 'failure');
  const warnings = count(findings, 'warning');
  if (failures + warnings === 0) return 'All is well.';
  return `${failures} failing, ${warnings} to look at.`;
}

function count(findings: readonly Finding[], status: Finding['status']): number {
  return findings.filter((finding) => finding.status === status).length;
}
