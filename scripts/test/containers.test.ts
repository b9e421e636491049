import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dockerIsSilent, runTrials, type Trial, trials } from '../containers.ts';

const answers = async () => undefined;

/** A container that tells what became of it. */
function stubTrial(image: string, told: string[]): Trial {
  return {
    image,
    suites: [`suite of ${image}`],
    async start() {
      if (image === 'unknown') throw new Error('no such image');
      told.push(`start ${image}`);
      return { environment: { URL: image }, stop: async () => void told.push(`stop ${image}`) };
    },
  };
}

test('where Docker answers each suite runs in its container, which is gone afterwards, whatever came of it', async () => {
  const told: string[] = [];
  const images = ['a', 'failing', 'unknown', 'b'].map((image) => stubTrial(image, told));
  const outcomes = await runTrials(images, answers, ([suite], environment) => {
    told.push(`${suite} at ${environment.URL}`);
    return environment.URL !== 'failing';
  });
  expect(told).toEqual(
    ['a', 'failing', 'b'].flatMap((image) => [`start ${image}`, `suite of ${image} at ${image}`, `stop ${image}`]),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['passed', 'FAILED', 'FAILED', 'passed']);
});

test('where Docker does not answer nothing runs, and it is said why', async () => {
  const told: string[] = [];
  const run = () => expect.fail('nothing runs');
  const outcomes = await runTrials([stubTrial('a', told)], async () => 'no socket', run);
  expect(told).toEqual([]);
  expect(outcomes).toEqual([{ image: 'a', result: 'skipped: Docker does not answer (no socket)' }]);
});

test('whether Docker answers is found out by asking it, and never fails', async () => {
  const silent = await dockerIsSilent();
  if (silent !== undefined) expect(silent).toMatch(/container runtime/);
});

test('all promised versions are tried, by suites that there are', () => {
  expect(trials.map(({ image }) => image)).toEqual([
    ...[15, 16, 17, 18].map((major) => `pgvector/pgvector:pg${major}`),
    ...['redis:7.4-alpine', 'redis:8-alpine'],
  ]);
  for (const { suites } of trials) {
    expect(existsSync(fileURLToPath(new URL(`../../${suites[0]}`, import.meta.url)))).toBe(true);
  }
});
