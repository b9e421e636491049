// `npm run test:faults`, or `pnpm test:faults`: the faults alone, again and again with other random moments, for
// `--minutes` (10 unless given; 0 is once), and the table of what was lost. Other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultRows, faultTable } from './faults-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reportFile = `${root}node_modules/.cache/anima/fault-tests.json`;
const tableFile = `${root}node_modules/.cache/anima/faults.json`;

type Report = Readonly<{ testResults: Parameters<typeof faultRows>[0] }>;

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string' } }, allowPositionals: true });
const minutes = Number(values.minutes ?? 10);
if (!(minutes >= 0)) throw new RangeError('--minutes must be a number');

const until = Date.now() + 60_000 * minutes;
const files: Report['testResults'][number][] = [];
let isGood = true;
do {
  isGood = run() && isGood;
} while (isGood && Date.now() < until);

const rows = faultRows(files);
writeFileSync(tableFile, `${JSON.stringify(rows, null, 2)}\n`);
console.log(`\n${faultTable(rows)}\n`);
process.exitCode = isGood ? 0 : 1;

function run(): boolean {
  mkdirSync(dirname(reportFile), { recursive: true });
  rmSync(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const filters = positionals.length > 0 ? positionals : ['apps/server/test/faults'];
  const options = [`--maxWorkers=${availableParallelism()}`, '--testTimeout=240000', ...reporters];
  const { status } = spawnSync('vitest', ['run', ...options, ...filters], { cwd: root, stdio: 'inherit' });
  // A run that was broken off has none.
  if (existsSync(reportFile)) files.push(...(JSON.parse(readFileSync(reportFile, 'utf8')) as Report).testResults);
  return status === 0;
}
