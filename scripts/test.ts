// `npm test`: the checks, then the suites of every package in one run, then what ran and what did not.
// Arguments go to vitest: `npm test -- packages/core` runs the suites whose path has that in it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FaultRow, faultRows, faultTable } from './faults-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reportFile = `${root}node_modules/.cache/anima/tests.json`;
const faultsFile = `${root}node_modules/.cache/anima/faults.json`;
const locomoBesideCheckout = fileURLToPath(new URL('../../shared/data/locomo', import.meta.url));

/** Said here, for projects do not inherit it from the root: each would take one core less than there are. */
const workers = availableParallelism();
/** What is wrong is seen by what a test expects; a machine that is busy is not wrong. */
const patienceMs = 180_000;

/** Vitest's JSON report, as far as it is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly meta?: { readonly fault?: FaultRow } }[];
  }[];
}

const locomo = process.env.ANIMA_LOCOMO_DIR ?? (existsSync(locomoBesideCheckout) ? locomoBesideCheckout : undefined);
const postgres = process.env.ANIMA_TEST_DATABASE_URL;
const cluster = process.env.ANIMA_TEST_CITUS_URL;
const redis = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout?.match(/v=(\S+)/)?.[1];
const pgbouncer = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' }).stdout?.match(/PgBouncer (\S+)/)?.[1];

const checked = run(process.execPath, ['scripts/check.ts']);
const tested = runTests(process.argv.slice(2));
const report = readReport();

console.log(`
checks             ${checked ? 'passed' : 'FAILED, see above'}
native PostgreSQL  ${postgres ? `tested at ${withoutPassword(postgres)}` : 'skipped: ANIMA_TEST_DATABASE_URL is not set; scripts/provision-postgres.sh starts one (Debian, as root)'}
Citus              ${cluster ? `tested on the cluster of ${withoutPassword(cluster)}` : 'skipped: ANIMA_TEST_CITUS_URL is not set; docker/compose.citus.yml brings up a cluster'}
Redis              ${redis ? `tested on ${redis} of this machine` : 'skipped: there is no redis-server; Debian has it in a package of that name'}
PgBouncer          ${pgbouncer ? `tested on ${pgbouncer} of this machine` : 'skipped: there is no pgbouncer; Debian has it in a package of that name'}
containers         not tried here: npm run test:containers runs PostgreSQL 15 to 18 and Redis where Docker answers
LoCoMo data        ${locomo ? `read from ${locomo}` : 'skipped: ANIMA_LOCOMO_DIR is not set, and ../shared/data/locomo is not there'}`);
for (const { name, assertionResults } of report?.testResults ?? []) {
  const skipped = assertionResults.filter(isSkipped).length;
  if (skipped > 0) console.log(`skipped            ${skipped} in ${relative(root, name)}`);
}
const faults = faultRows(report?.testResults ?? []);
if (faults.length > 0) {
  writeFileSync(faultsFile, `${JSON.stringify(faults, null, 2)}\n`);
  console.log(`\nfaults, struck under load (docs/faults.md)\n\n${faultTable(faults)}\n`);
}
console.log(summary());
process.exitCode = checked && tested ? 0 : 1;

function runTests(filters: readonly string[]): boolean {
  mkdirSync(dirname(reportFile), { recursive: true });
  rmSync(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  return run(
    'vitest',
    ['run', `--maxWorkers=${workers}`, `--testTimeout=${patienceMs}`, ...reporters, ...filters],
    locomo === undefined ? {} : { ANIMA_LOCOMO_DIR: locomo },
  );
}

function run(program: string, args: readonly string[], env: Record<string, string> = {}): boolean {
  return spawnSync(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).status === 0;
}

function readReport(): Report | undefined {
  return existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : undefined;
}

/** All tests of all suites; a failed check, a suite that could not be loaded and a run that broke off are failures too. */
function summary(): string {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const unloaded = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failedTests = (report?.numFailedTests ?? 0) + unloaded;
  const failed = (checked ? 0 : 1) + (tested ? failedTests : Math.max(1, failedTests));
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function isSkipped({ status }: { readonly status: string }): boolean {
  return status !== 'passed' && status !== 'failed';
}

function withoutPassword(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
