// Runs a command of this repository on a machine that has Node ≥ 20 and npm and nothing else: installs
// what the lock file names with the pinned pnpm, where it is not installed yet, and goes on under the pinned
// Node. No dependencies, and nothing that Node 20 lacks: this file runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const commands = new Map([
  ['start', 'apps/server/src/main.ts'],
  ['anima', 'packages/cli/src/main.ts'],
  ['bench', 'bench/src/main.ts'],
  ['screenshots', 'apps/admin/test/screenshots.ts'],
  ['smoothness', 'apps/admin/test/smoothness.ts'],
  ['reference', 'docs/checks/reference.ts'],
  ['check', 'scripts/check.ts'],
  ['test', 'scripts/test.ts'],
  ['test:faults', 'scripts/faults.ts'],
  ['test:containers', 'scripts/test-containers.ts'],
  ['rehearse:recovery', 'scripts/rehearse-recovery.ts'],
]);

const oldestNode = 20;
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const cache = join(modules, '.cache', 'anima');
const stamp = join(cache, 'installed');

async function main([command, ...args]) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    return fail(`Anima needs Node ${oldestNode} or newer to start; this is Node ${process.versions.node}.`);
  }
  const entry = commands.get(command);
  if (entry === undefined) return fail(`usage: node scripts/run.mjs ${[...commands.keys()].join(' | ')}`);
  const installed = await install();
  if (installed !== 0) return installed;
  return run(join(modules, 'node', 'bin', 'node'), [join(root, entry), ...args]);
}

/** Makes node_modules what the lock file says, when the last install was for another one. */
async function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  if (readIfThere(stamp) === lock) return 0;

  const begun = Date.now();
  console.error(`Installing dependencies with ${packageManager} (about a minute the first time) …`);
  const pnpm = ['--yes', '--prefer-offline', packageManager];
  const { code, output } = await runQuietly('npx', [...pnpm, 'install', '--frozen-lockfile']);
  if (code !== 0) {
    console.error(output);
    return fail(`The installation failed (exit code ${code}); what it said stands above.`);
  }
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, lock);
  console.error(`Installed in ${Math.round((Date.now() - begun) / 1000)} s.`);
  return 0;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs a program to its end and keeps what it says. */
function runQuietly(command, args) {
  let output = '';
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  return ended(child).then((code) => ({ code, output }));
}

/** Runs a program in this one's place. */
function run(command, args) {
  return ended(spawn(command, args, { cwd: root, env: environment(), stdio: 'inherit', detached: true }));
}

/**
 * Waits for a program that has a process group of its own (`detached`), however this process is asked to
 * stop, and answers its exit code. One Ctrl-C comes here twice, from the terminal and from npm: the group
 * hears it once.
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    let lastForwarded = 0;
    const forward = (signal) => {
      if (Date.now() - lastForwarded < 500) return;
      lastForwarded = Date.now();
      try {
        process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error; // it ended just now
      }
    };
    for (const signal of stopSignals) process.on(signal, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of stopSignals) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

function environment() {
  return {
    ...process.env,
    PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter),
    // Compiled modules are kept, so that a second start skips parsing and type stripping.
    NODE_COMPILE_CACHE: join(cache, 'compiled'),
    ANIMA_CACHE_DIR: process.env.ANIMA_CACHE_DIR ?? cache,
  };
}

function fail(message) {
  console.error(message);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
