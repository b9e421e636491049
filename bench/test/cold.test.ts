import { expect, test } from 'vitest';
import { runBench } from './run-bench.ts';

test('with a slow model and with none every request is answered by words alone, and all is embedded in the end', {
  timeout: 180_000,
}, async () => {
  const sizes = ['--users', '4', '--duration', '2', '--memories', '20'];
  const { models } = (await runBench(['cold', '--no-builtin', '--delay', '5000', 'none', ...sizes])).data;
  expect(models).toMatchObject([{ delay: 5_000 }, { delay: 'none' }]);
  for (const { operations, embeddedAfterMs } of models) {
    for (const { errors } of operations) expect(errors).toEqual({});
    expect(operations).toContainEqual(expect.objectContaining({ operation: 'query', degradedShare: 1 }));
    expect(embeddedAfterMs).toBeGreaterThanOrEqual(0);
  }
});
