// `npm run check`, or `pnpm check`: format, lint, types, dependency rules, unused code, each a `check:` script.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { packageManager: string };

const turbo = [
  ...['turbo', 'run', 'check:format', 'check:types', 'check:dependencies', 'check:unused'],
  ...['--continue', '--output-logs=errors-only', '--log-order=grouped'],
];

// Turbo runs the scripts by the package manager, which it wants on its path: npx puts it there.
const { status } = spawnSync('npx', ['--yes', '--prefer-offline', packageManager, 'exec', ...turbo], {
  cwd: root,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
