import type { DemoStep } from '../demo/story.ts';
import { renderAssociations } from './association-list.ts';
import { bold, dim } from './colours.ts';
import { renderHits } from './memory-list.ts';
import { printable } from './printable.ts';

/** One step of the demo: what was done, what it shows, and what to read about it. */
export function renderStep(step: DemoStep): string {
  return [remembered(step), recalled(step), strengthened(step), associated(step), told(step), begun(step), proven(step)]
    .filter((text) => text !== undefined)
    .join('\n\n');
}

function chapter(title: string, explained: string, ...lines: readonly string[]): string {
  return [bold(title), dim(explained), ...lines].join('\n');
}

function remembered({ remembered: step }: DemoStep): string | undefined {
  return (
    step &&
    chapter(
      `Remembered ${step.count} passages in ${Math.round(step.ms)} ms`,
      'Durable and found by their words at once; their vectors follow in the background.',
    )
  );
}

function recalled({ recalled: step }: DemoStep): string | undefined {
  return (
    step &&
    chapter(
      `Asked for "${step.query}" (${Math.round(step.ms)} ms)`,
      'By meaning as much as by words; each score says what it is made of.',
      renderHits(step.hits, { isExplained: true }),
    )
  );
}

function strengthened({ strengthened: step }: DemoStep): string | undefined {
  if (!step) return undefined;
  const { before, after, queries } = step;
  const state = ({ tier, resonancePhi, accessCount }: typeof before) =>
    `${tier}, φ ${resonancePhi.toFixed(1)}, ${accessCount} accesses`;
  return chapter(
    `Came back to one of them in ${queries} queries, and said once that it was used`,
    'Recall adds 0.1 to its resonance φ, use 1.0; five accesses promote it to the next tier.',
    `    ${printable(after.content)}`,
    `    ${state(before)}  →  ${bold(state(after))}`,
  );
}

function associated({ associated: step }: DemoStep): string | undefined {
  return (
    step &&
    chapter(
      'What it was recalled together with',
      'Memories that one conversation recalls together become associated.',
      renderAssociations(step.associations),
    )
  );
}

function told({ told: step }: DemoStep): string | undefined {
  return (
    step &&
    chapter(
      'Its life, from the log',
      'Every request appended one fact; everything above was folded from these.',
      ...step.events.map(({ position, summary }) => `    ${String(position).padStart(3)}  ${printable(summary)}`),
    )
  );
}

function begun({ begun: step }: DemoStep): string | undefined {
  if (!step) return undefined;
  const { active, thread, stable } = step.distribution;
  return chapter(
    'How the next conversation would begin, in 250 tokens',
    `The strongest first, from ${stable} stable, ${thread} thread and ${active} active memories.`,
    ...printable(step.prompt)
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  );
}

function proven({ proven: step }: DemoStep): string | undefined {
  return (
    step &&
    chapter(
      `Replayed the log of ${step.events} events: ${step.differences} differences`,
      'What the server believes is what the log says, row for row.',
    )
  );
}
