import { describe, it } from 'vitest';
import { missingForCluster, startCluster } from './cluster.ts';
import { nativeDatabase } from './databases.ts';
import { skipFault, Trial } from './trial.ts';

const patience = { timeout: 240_000 };

/** One that answers and one that works, on a server of their own. */
async function openTrial(serverUrl: string): Promise<Trial> {
  const database = await nativeDatabase(serverUrl);
  return Trial.open({ engine: 'PostgreSQL', database, roles: ['api', 'worker'] });
}

describe('PostgreSQL', () => {
  it('database killed (-9) and started again', patience, async (context) => {
    const missing = missingForCluster();
    if (missing) return skipFault(context, 'PostgreSQL', missing);
    await using cluster = await startCluster();
    await using trial = await openTrial(cluster.url);
    await trial.survive(context.task, { times: 3, strike: () => cluster.kill() });
  });

  it('disk of the database full', patience, async (context) => {
    const missing = missingForCluster({ ownDisk: true });
    if (missing) return skipFault(context, 'PostgreSQL', missing);
    await using cluster = await startCluster({ megabytes: 160 });
    await using trial = await openTrial(cluster.url);
    await trial.survive(context.task, {
      times: 2,
      async strike(writers) {
        await cluster.fillDisk();
        await writers.fail(8);
        await cluster.freeDisk();
      },
    });
  });
});
