import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const consoleFolder = fileURLToPath(new URL('..', import.meta.url));
const root = join(consoleFolder, '../..');
const stampFile = join(consoleFolder, '.next/anima-built');
const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist/bin/next');

/** What a build is made of. */
const sources = [
  'apps/admin/src',
  'apps/admin/next.config.ts',
  'packages/client/src',
  'packages/importers/src',
  'pnpm-lock.yaml',
];

/**
 * Builds the console, unless what is there was built from the same sources.
 *
 * @param say hears that a build begins, which takes half a minute
 * @throws Error with the last of what the build said, when it fails
 */
export async function ensureBuilt(say: (words: string) => void): Promise<void> {
  const stamp = await stampOfSources();
  if ((await readIfThere(stampFile)) === stamp) return;
  say('Building the console (about half a minute, once) …');
  const begun = performance.now();
  await build();
  await mkdir(dirname(stampFile), { recursive: true });
  await writeFile(stampFile, stamp);
  say(`Built the console in ${Math.round((performance.now() - begun) / 1_000)} s.`);
}

async function build(): Promise<void> {
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } as const;
  const child = spawn(process.execPath, [next, 'build'], {
    cwd: consoleFolder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      said = (said + words).slice(-8_000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`the console could not be built (exit code ${code}):\n${said}`);
}

async function stampOfSources(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources) {
    for (const file of await filesOf(join(root, source)))
      hash.update(relative(root, file)).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** The files of a folder, or the file itself, in one order on every machine. */
async function filesOf(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch (error) {
    if (isCode(error, 'ENOTDIR')) return [path];
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
