import type { BenchMeasure, BenchReport } from '@anima/core';
import { machine } from '../machine.ts';
import { formatMeasure, formatTarget } from './numbers.ts';

/** What a bench found. */
export interface Findings {
  /** The scenario, as the command names it. */
  readonly bench: string;
  readonly title: string;
  readonly settings: BenchReport['settings'];
  /** Of the server, from `versionsOf`; where none took part, none. */
  readonly versions?: BenchReport['versions'];
  readonly measures: readonly BenchMeasure[];
  readonly blocks: BenchReport['blocks'];
  /** What was missed, beside the measures that are past their target. */
  readonly failures?: readonly string[];
  /** Whether more than the measures' targets was to be held: it passes then, instead of being reported. */
  readonly isHeld?: boolean;
  /** What the numbers were made from: histograms, single rounds. Stays in the file. */
  readonly data: unknown;
}

/** The findings as a report: on which machine, when, and whether everything that had to hold did. */
export function reportOf(findings: Findings, at = new Date()): BenchReport {
  const { bench, title, settings, versions, measures, blocks, isHeld = false } = findings;
  const known = measures.filter(({ value }) => Number.isFinite(value));
  const unknown = measures.filter(({ value }) => !Number.isFinite(value));
  const failures = [
    ...unknown.map(({ name }) => `${name}: could not be measured`),
    ...known.filter((measure) => !isMet(measure)).map(missed),
    ...(findings.failures ?? []),
  ];
  const hasTargets = isHeld || measures.some(({ target }) => target !== undefined);
  const { node, ...rest } = machine();
  return {
    ...{ bench, title, settings, failures, blocks },
    at: at.toISOString(),
    machine: rest,
    versions: { node, ...versions },
    verdict: failures.length > 0 ? 'failed' : hasTargets ? 'passed' : 'reported',
    measures: known,
  };
}

/** Whether a measure is on the right side of its target. */
export function isMet({ value, better, target }: BenchMeasure): boolean {
  if (target === undefined) return true;
  return better === 'lower' ? value <= target : value >= target;
}

function missed(measure: BenchMeasure): string {
  return `${measure.name}: ${formatMeasure(measure.value, measure.unit)}, held to ${formatTarget(measure)}`;
}
