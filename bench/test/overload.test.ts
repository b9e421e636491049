import { expect, it } from 'vitest';
import { runBench } from './run-bench.ts';

it('asked for many times of what it can do, a server turns away the most of it and loses nothing of the rest', {
  timeout: 120_000,
}, async () => {
  const { report, output } = await runBench(['overload', '--memories', '30', '--times', '8', '--duration', '3']);
  const measured = (name: string) => report.measures.find((measure) => measure.name === name)?.value;
  expect(measured('acknowledged and lost'), output).toBe(0);
  expect(measured('differences of a replay'), output).toBe(0);
  expect(measured('turned away'), output).toBeGreaterThan(0.3);
  expect(measured('answered, of what it can do'), output).toBeGreaterThan(0.2);
  expect(
    report.failures.filter((failure) => failure.includes('status')),
    output,
  ).toEqual([]);
});
