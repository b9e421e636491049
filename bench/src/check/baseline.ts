import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { machine } from '../machine.ts';
import type { Estimate } from './judge.ts';

export const ownBaseline = fileURLToPath(new URL('../../baseline.json', import.meta.url));

/** Runs that make the baseline of a machine: the last so many. */
const keptRuns = 7;

/** Ratios to their floors by name, of each run: nothing absolute, so that it outlives a machine's moods. */
const estimates = z.array(z.strictObject({ ratio: z.number().positive(), error: z.number().min(0) })).min(1);
const ratios = z.record(z.string(), estimates);
const baseline = z.record(z.string(), ratios);

export type Ratios = z.output<typeof ratios>;

/** What a baseline is of: ratios differ between engines, kinds of machines and sizes. */
export function baselineKey(engine: string, memories: number): string {
  const { cpu, cores } = machine();
  return `${engine}, ${memories} memories, ${cores} × ${cpu}`;
}

/** @returns undefined when there is none of this kind yet */
export async function readBaseline(file: string, key: string): Promise<Ratios | undefined> {
  return (await readAll(file))[key];
}

/** Makes a run part of the baseline. */
export async function updateBaseline(file: string, key: string, run: ReadonlyMap<string, Estimate>): Promise<void> {
  const all = await readAll(file);
  const before = all[key] ?? {};
  const rounded = (value: number) => Number(value.toPrecision(3));
  const now = [...run].map(([name, { ratio, error }]) => {
    const added = { ratio: rounded(ratio), error: rounded(error) };
    return [name, [...(before[name] ?? []), added].slice(-keptRuns)] as const;
  });
  await writeFile(file, `${JSON.stringify({ ...all, [key]: Object.fromEntries(now) }, null, 2)}\n`);
}

async function readAll(file: string): Promise<z.output<typeof baseline>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  return baseline.parse(JSON.parse(text));
}
