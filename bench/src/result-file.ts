import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Result {
  readonly bench: string;
  readonly settings: { readonly target: string };
}

/** Writes a result to the file that was named, or to one of its own below `bench/results`, and says where it is. */
export async function writeResult(result: Result, namedFile: string | undefined): Promise<void> {
  const file = namedFile ?? defaultFile(result);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`Written to ${file}\n`);
}

function defaultFile({ bench, settings }: Result): string {
  const target = settings.target.replaceAll(/[^a-z0-9]+/gi, '-');
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return fileURLToPath(new URL(`../results/${bench}-${target}-${time}.json`, import.meta.url));
}
