import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startScratchServer } from '@anima/client/node/scratch-server';
import type { RunningServer } from '@anima/client/node/start-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../../packages/cli/src/program.ts';
import { pages, type Snippet, snippets } from './pages.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const command = `"${process.execPath}" "${root}packages/cli/src/main.ts"`;
/** Programs stand here while they are checked, so that they find the packages that they import. */
const programs = fileURLToPath(new URL('../.snippets/', import.meta.url));

/** Pages whose shell commands are run from the first to the last; of other pages they are only understood. */
const followed = ['docs/quick-start.md', 'docs/migrating-from-mem0.md'];

/** The model of the AI SDK's own tests, in place of a provider's. */
const anyModel = `
import { MockLanguageModelV4 } from 'ai/test';
export const anyModel = new MockLanguageModelV4({
  doGenerate: async () => ({
    content: [{ type: 'text', text: 'Green tea, as always.' }],
    finishReason: { unified: 'stop', raw: undefined },
    usage: {
      inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 1, text: 1, reasoning: undefined },
    },
    warnings: [],
  }),
});`;

let server: RunningServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-docs-'));
  server = await startScratchServer(process.env);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(programs, { recursive: true, force: true });
});

const place = ({ page, line }: Snippet) => `${page}:${line}`;

/** Of a program that is complete, every line is real: its imports, its types, and what it does with a server. */
const isProgram = ({ language, code }: Snippet) => language === 'ts' && /^import /m.test(code);

test('every program of the guides is checked by its types and runs against a server', async () => {
  const found = snippets().filter(isProgram);
  expect(found.length).toBeGreaterThan(3);
  await mkdir(programs, { recursive: true });
  const files = await Promise.all(
    found.map(async ({ page, line, code }) => {
      const file = join(programs, `${page.replaceAll(/\W/g, '-')}-${line}.ts`);
      await writeFile(file, `${code.replaceAll('http://127.0.0.1:7100', server.url)}\nexport {};\n`);
      return file;
    }),
  );
  await writeFile(join(programs, 'any-model.ts'), anyModel);
  const config = join(programs, 'tsconfig.json');
  await writeFile(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), include: ['*.ts'] }));
  const checked = run(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '--project', config]);
  await expect(checked.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({ stdout: '' });
  for (const file of files) {
    await run(process.execPath, [file]);
  }
});

test('the shell commands of the first steps do what they say, one after the other', async () => {
  for (const page of followed) {
    const commands = snippets().filter((snippet) => snippet.page === page && snippet.language === 'sh');
    expect(commands.length, page).toBeGreaterThan(0);
    const script = commands
      .map(({ code }) => code)
      .join('\n')
      .replaceAll('npm run anima --', command)
      .replaceAll('http://127.0.0.1:7100', server.url);
    const env = { ...process.env, ANIMA_URL: server.url, XDG_STATE_HOME: join(folder, 'state'), HOME: folder };
    await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env });
  }
});

test('every command that a page names exists, with its options', async () => {
  const lines = snippets()
    .filter(({ language }) => language === 'sh')
    .flatMap((snippet) => snippet.code.split('\n').map((line) => ({ snippet, line })))
    .filter(({ line }) => line.includes('npm run anima -- '));
  expect(lines.length).toBeGreaterThan(20);
  const odd: string[] = [];
  for (const { snippet, line } of lines) {
    const [, args = ''] = /npm run anima -- ([^|>]*)/.exec(line.replace(/\s+#.*$/, '')) ?? [];
    const words = [...args.matchAll(/"([^"]*)"|'([^']*)'|((?:\$\([^)]*\)|\S)+)/g)].map(
      ([, a, b, c]) => a ?? b ?? c ?? '',
    );
    const root = program();
    for (const each of withSubcommands(root)) {
      each.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
      if (each.commands.length === 0) each.action(() => undefined);
    }
    await root.parseAsync(words, { from: 'user' }).catch((error: Error) => {
      if (words[0] !== '--help') odd.push(`${place(snippet)}: ${line}: ${error.message}`);
    });
  }
  expect(odd).toEqual([]);
});

type Command = ReturnType<typeof program>;

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

test('every JSON of a page is JSON, and every link leads somewhere', () => {
  const odd: string[] = [];
  for (const snippet of snippets().filter(({ language }) => language === 'json')) {
    try {
      JSON.parse(snippet.code);
    } catch (error) {
      odd.push(`${place(snippet)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const all = new Map(pages().map(({ path, text }) => [path, text]));
  for (const [path, text] of all) {
    for (const [, target = ''] of text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : join(dirname(path), file);
      const isThere = existsSync(join(root, found));
      const heading = anchor === undefined || anchors(all.get(found) ?? '').has(anchor);
      if (!isThere || !heading) odd.push(`${path}: ${target} leads nowhere`);
    }
  }
  expect(odd).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchors(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
