import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { bounded, idempotencyKey, text as storable, wholeNumber } from './fields.ts';

/**
 * The report of a bench run, in a form that the terminal, a page and the console can all show without
 * knowing the bench: a few named numbers, and blocks to look at.
 */

const text = storable.max(500);
const name = bounded(100);
/** The scenario, as the command names it. */
const bench = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const number = z.number();

/** A number that later runs are compared with. */
const measure = z.strictObject({
  name,
  value: number,
  unit: z.enum(['ms', 'per second', 'ratio', 'share', 'bytes', 'count', 'seconds']),
  better: z.enum(['lower', 'higher']),
  /** What it is held against; past it the run failed. */
  target: number.optional(),
});

const tableBlock = z.strictObject({
  kind: z.literal('table'),
  title: text,
  columns: z.array(z.strictObject({ name: text, align: z.enum(['left', 'right']) })).max(20),
  rows: z.array(z.array(z.union([text, number, z.null()])).max(20)).max(500),
  note: text.optional(),
});

/** Distributions of latencies: [percentile 0–100, ms], rising. */
const latencyBlock = z.strictObject({
  kind: z.literal('latency'),
  title: text,
  series: z
    .array(
      z.strictObject({
        name,
        percentiles: z.array(z.tuple([number, number])).max(200),
        targetMs: number.optional(),
      }),
    )
    .max(20),
  note: text.optional(),
});

const axis = z.strictObject({ label: text, scale: z.enum(['linear', 'log']) });

/** Curves: over time, over size. */
const linesBlock = z.strictObject({
  kind: z.literal('lines'),
  title: text,
  x: axis,
  y: axis,
  series: z.array(z.strictObject({ name, points: z.array(z.tuple([number, number])).max(2_000) })).max(20),
  /** A line that should not be crossed. */
  target: number.optional(),
  note: text.optional(),
});

/** Values side by side, a group for each thing compared: before and after, floor and product. */
const barsBlock = z.strictObject({
  kind: z.literal('bars'),
  title: text,
  y: axis,
  series: z.array(name).min(1).max(10),
  /** `values` in the order of `series`; null where there is none. */
  groups: z.array(z.strictObject({ name, values: z.array(number.nullable()).max(10) })).max(50),
  note: text.optional(),
});

const benchBlock = z.discriminatedUnion('kind', [tableBlock, latencyBlock, linesBlock, barsBlock]);

export const benchReport = z.strictObject({
  bench,
  title: text,
  /** When it ended, ISO 8601. */
  at: z.iso.datetime(),
  settings: z.record(name, z.union([text, number, z.boolean(), z.null()])),
  machine: z.record(name, z.union([text, number])),
  /** Of everything that took part: anima, node, postgresql, pgvector, model. */
  versions: z.record(name, text),
  /** `reported`: there was nothing to be held against. */
  verdict: z.enum(['passed', 'failed', 'reported']),
  /** What was missed, a sentence each. */
  failures: z.array(text).max(50),
  measures: z.array(measure).max(200),
  blocks: z.array(benchBlock).max(30),
});

export const recordBenchInput = z.strictObject({
  report: benchReport,
  /** It carries a key as every mutation does; a run that is recorded twice is one run anyway. */
  idempotencyKey,
});

export const listBenchInput = z.strictObject({
  /** Of this scenario only. */
  bench: bench.optional(),
  limit: wholeNumber(1, limits.benchRuns).default(defaults.benchRuns),
  /** `next` of the page before. */
  cursor: z.uuid().optional(),
});

export const getBenchInput = z.strictObject({ id: z.uuid() });

export type RecordBenchRequest = z.input<typeof recordBenchInput>;
export type ListBenchRequest = z.input<typeof listBenchInput>;
export type GetBenchRequest = z.input<typeof getBenchInput>;

export type RecordBenchInput = z.output<typeof recordBenchInput>;
export type ListBenchInput = z.output<typeof listBenchInput>;
export type GetBenchInput = z.output<typeof getBenchInput>;

export type BenchBlock = z.output<typeof benchBlock>;
export type BenchMeasure = z.output<typeof measure>;
export type BenchReport = z.output<typeof benchReport>;
