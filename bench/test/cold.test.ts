import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('with a slow model and with none every request is answered by words alone, and all is embedded in the end', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'cold.json');
  const sizes = ['--users', '4', '--duration', '2', '--memories', '20'];
  const child = spawn(process.execPath, [
    main,
    'cold',
    '--no-builtin',
    '--delay',
    '5000',
    'none',
    ...sizes,
    '--no-record',
    '--json',
    file,
  ]);
  onTestFinished(() => void child.kill());
  const [, stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  expect(stdout, stderr).toContain(`Written to ${file}`);

  const { models } = JSON.parse(readFileSync(file, 'utf8')).data;
  expect(models).toMatchObject([{ delay: 5_000 }, { delay: 'none' }]);
  for (const { operations, embeddedAfterMs } of models) {
    for (const { errors } of operations) expect(errors).toEqual({});
    expect(operations).toContainEqual(expect.objectContaining({ operation: 'query', degradedShare: 1 }));
    expect(embeddedAfterMs).toBeGreaterThanOrEqual(0);
  }
});
