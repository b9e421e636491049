import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedDatabase } from './databases.ts';
import { interruptMigrations, poison, startMs } from './interventions.ts';
import { preloaded, spawnServer } from './server-process.ts';
import { Trial } from './trial.ts';

/** One server on one folder, one fault after the other. */
describe('PGlite', { timeout: 240_000 }, () => {
  let trial: Trial;

  beforeAll(async () => {
    const database = await embeddedDatabase();
    const settings = preloaded('shifted-clock');
    trial = await Trial.open({ engine: 'PGlite', database, roles: ['all'], settings });
  }, 120_000);
  afterAll(() => trial?.[Symbol.asyncDispose]());

  it('kill -9 in the middle of the very first start', ({ task }) =>
    trial.survive(task, {
      times: 1,
      isFirst: true,
      strike: () => trial.fleet.killWhileStarting(trial.random, 3, startMs),
    }));

  it('SIGTERM', ({ task }) =>
    trial.survive(task, {
      times: 1,
      async strike() {
        const ended = await trial.fleet.restart(trial.url);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        // Requests in flight were answered or refused: none met a defect.
        expect(ended.stdout).not.toMatch(/"level":[56]0/);
      },
    }));

  // The second hits a database that was closed, opened, killed and recovered before.
  it('kill -9', ({ task }) => trial.survive(task, { times: 2, strike: () => trial.fleet.kill('all', trial.random) }));

  it('two more servers on the folder', ({ task }) =>
    trial.survive(task, {
      times: 1,
      async strike() {
        const others = [1, 2].map(() => spawnServer(trial.database.settings));
        for (const { code, stderr } of await Promise.all(others.map(({ ended }) => ended))) {
          expect(code).toBe(1);
          expect(stderr).toMatch(/^Anima cannot start: .* is held by process \d+: [^\n]+\n$/);
        }
      },
    }));

  it('clock of the server and its database goes back an hour', ({ task }) =>
    trial.survive(task, { times: 2, strike: async () => trial.fleet.signal('SIGUSR2') }));

  it('kill -9 in the middle of migrations', ({ task }) =>
    trial.survive(task, { times: 1, strike: () => interruptMigrations(trial) }));

  it('event that only a later version can read', ({ task }) =>
    trial.survive(task, { times: 1, strike: (writers) => poison(trial, writers) }));

  it('end: the whole log says what was acknowledged', () => trial.end());
});
