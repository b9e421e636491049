import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { type Plugin, rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import own from './package.json' with { type: 'json' };

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const input = here('src/index.ts');

/** What those who install the client install with it; of zod, its types are all that is used. */
async function dependencies(): Promise<Record<string, string>> {
  const api = JSON.parse(await readFile(here('../api/package.json'), 'utf8')) as typeof own;
  const all: Record<string, string> = { ...api.dependencies, ...own.dependencies };
  return Object.fromEntries(
    ['@trpc/client', '@trpc/server', 'eventsource', 'zod'].map((name) => [name, all[name] ?? '']),
  );
}

const external = [/^@trpc\//, 'eventsource', 'zod'];

/** The server's packages are not published: what the types take from them is written into them. */
const workspace: Plugin = {
  name: 'workspace',
  resolveId: (id) => (/^@anima\/\w+$/.test(id) ? here(`../${id.slice('@anima/'.length)}/src/index.ts`) : null),
};

/** Makes the package that is published of the client, without its Node side: modules, types and a manifest. */
export async function buildClient(folder: string): Promise<void> {
  const code = await rolldown({ input, external, platform: 'neutral' });
  await code.write({ file: join(folder, 'index.js'), format: 'es' });
  await code.close();

  const types = await rollup({
    input,
    external,
    plugins: [workspace, dts({ tsconfig: here('tsconfig.json'), compilerOptions: { noEmit: false } })],
    onLog(level, { code: reason, message }, log) {
      // Modules of the server that no type is taken from.
      if (reason !== 'UNRESOLVED_IMPORT') log(level, message);
    },
  });
  await types.write({ file: join(folder, 'index.d.ts'), format: 'es' });
  await types.close();

  const manifest = {
    name: own.name,
    version: own.version,
    description: 'The typed client of Anima, long-term memory for AI agents.',
    license: own.license,
    type: 'module',
    sideEffects: false,
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    engines: { node: '>=20.3' },
    dependencies: await dependencies(),
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'LICENSE'), await readFile(here('../../LICENSE')));
}

if (import.meta.main) await buildClient(here('dist'));
