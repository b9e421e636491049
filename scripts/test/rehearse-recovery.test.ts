import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { missingForCluster } from '../postgres-cluster.ts';

const script = fileURLToPath(new URL('../rehearse-recovery.ts', import.meta.url));

test.skipIf(missingForCluster !== undefined)(
  'recovery to a moment brings back what was acknowledged before it, and nothing after it',
  { timeout: 300_000 },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    const [, kept, acknowledged] = /^before T +(\d+) of (\d+) /m.exec(stdout) ?? [];
    expect(kept).toBe(acknowledged);
    expect(Number(kept)).toBeGreaterThanOrEqual(200);
  },
);
