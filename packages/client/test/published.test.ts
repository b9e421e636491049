import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildClient } from '../build.ts';
import { startScratchServer } from '../src/node/scratch-server.ts';

const run = promisify(execFile);
const bin = (name: string) => fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));

/** What somebody writes who has nothing but the package. */
const program = `
import { type AddResult, createAnimaClient, eventsOf, isAnimaClientError, pagesOf, type QueryHit } from '@anima/client';

const anima = createAnimaClient({ url: process.argv[2] ?? '', timeoutMs: 20_000, retries: 2 });
const space = 'published';
const added: AddResult = await anima.memories.add.mutate({ content: 'Ada prefers tea', tags: ['drinks'], space });
const { memories } = await anima.memories.query.mutate({ query: 'what does Ada drink?', space });
const best: QueryHit | undefined = memories[0];
const ids: string[] = [];
let heard = '';
for await (const { type } of eventsOf(anima, { space, after: 0 })) {
  heard = type;
  break;
}
for await (const page of pagesOf(anima.memories.list, { space, limit: 1 })) ids.push(...page.memories.map(({ id }) => id));
const { prompt } = await anima.memories.bootstrap.query({ space, format: 'prompt', tokenBudget: 200 });
// @ts-expect-error there is no such field
const refused = await anima.memories.add.mutate({ text: 'x' }).catch((error: unknown) => error);
const code = isAnimaClientError(refused) ? refused.code : undefined;
console.log(JSON.stringify({ same: best?.id === added.memory.id, ids: ids.length, heard, text: prompt?.text.length ?? 0, code }));
`;

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-published-'));
  const built = join(folder, 'built');
  project = join(folder, 'project');
  await mkdir(built);
  await mkdir(project);
  await buildClient(built);
  await run('npm', ['pack', built, '--pack-destination', folder]);
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'somebody', type: 'module', private: true }));
  await writeFile(join(project, 'program.ts'), program);
  await writeFile(join(project, 'globals.d.ts'), 'declare const process: { argv: string[] };\n');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...quietly, join(folder, tarball)], { cwd: project });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds the client, its types and nothing of the server', async () => {
  const installed = join(project, 'node_modules/@anima/client');
  expect((await readdir(installed)).toSorted()).toEqual(['LICENSE', 'index.d.ts', 'index.js', 'package.json']);
  for (const [file, imports] of [
    ['index.js', ['@trpc/client', '@trpc/server/observable']],
    ['index.d.ts', ['@trpc/client', '@trpc/server', 'zod']],
  ] as const) {
    const text = await readFile(join(installed, file), 'utf8');
    const imported = [...text.matchAll(/^(?:import|export) .*from ["']([^"']+)["'];$/gm)].map(([, name]) => name);
    expect([...new Set(imported)].toSorted()).toEqual(imports);
  }
});

test.each(['nodenext', 'bundler'])(
  'a program in an empty project is checked by its types (%s)',
  async (resolution) => {
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom,esnext.disposable',
    ];
    const checked = run(
      bin('tsc'),
      [...options, '--module', module, '--moduleResolution', resolution, 'globals.d.ts', 'program.ts'],
      {
        cwd: project,
      },
    );
    await expect(checked.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({ stdout: '' });
  },
  120_000,
);

test('and runs against a server', async () => {
  const server = await startScratchServer(process.env);
  try {
    const { stdout } = await run(process.execPath, ['program.ts', server.url], { cwd: project });
    const said = { same: true, ids: 1, heard: 'memory.added', text: expect.any(Number), code: 'VALIDATION_ERROR' };
    expect(JSON.parse(stdout)).toEqual(said);
  } finally {
    await server.stop();
  }
}, 120_000);

test('in a browser it costs less than 15 kB, compressed, all that it needs included', async () => {
  const page = `import { createAnimaClient, eventsOf, pagesOf } from '@anima/client';
    globalThis.anima = createAnimaClient({ url: location.origin }); Object.assign(globalThis, { eventsOf, pagesOf });`;
  await writeFile(join(project, 'page.js'), page);
  const bundle = await rolldown({ input: join(project, 'page.js'), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'es', minify: true });
  await bundle.close();
  // Beside it there is what Node lacks, which no browser loads.
  expect(output.length).toBeLessThanOrEqual(2);
  expect(output[0].imports).toEqual([]);
  const bytes = gzipSync(output[0].code).length;
  expect(bytes).toBeGreaterThan(2_000);
  expect(bytes).toBeLessThan(15_000);
});
