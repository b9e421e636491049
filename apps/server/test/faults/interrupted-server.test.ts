import { expect, it } from 'vitest';
import { onEveryEngine, type TestDatabase } from './databases.ts';
import { readHistory } from './history.ts';
import { Ledger } from './ledger.ts';
import { startModel } from './model-server.ts';
import { seededRandom, testSeed } from './random.ts';
import { type Ended, startServer } from './server-process.ts';
import { expectVerified, folded, readMemories } from './settled.ts';
import { startWriters, writtenSpaces } from './writers.ts';

type Signal = 'SIGKILL' | 'SIGTERM';

const interruptions: Readonly<Record<'PGlite' | 'PostgreSQL', readonly Signal[]>> = {
  // The last kills hit a database that was killed, recovered, closed and opened before.
  PGlite: ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGKILL'],
  PostgreSQL: ['SIGTERM', 'SIGKILL'],
};

onEveryEngine(({ name, create }) => {
  it('a server killed or told to stop under load: nothing acknowledged is missing or counted twice, and the next needs no help', {
    timeout: 300_000,
  }, async () => {
    await using database = await create();
    await interruptServers(database, interruptions[name]);
  });
});

/**
 * Ends a server in the middle of its work, again and again, and starts the next one on the same database.
 * After each restart every acknowledged memory and access must be there exactly once.
 */
async function interruptServers(database: TestDatabase, signals: readonly Signal[]): Promise<void> {
  const seed = testSeed();
  const random = seededRandom(seed);
  const ledger = new Ledger();
  await using model = await startModel();
  const settings = { ...database.settings, ...model.settings };
  let server = await startServer(settings);
  try {
    for (const [round, signal] of signals.entries()) {
      let urls = [server.url];
      const writers = startWriters({ seed: seed + round, ledger, urls: () => urls });
      await writers.acknowledge(30 + Math.floor(60 * random()));
      urls = [];
      const ended = await server.end(signal);
      if (signal === 'SIGTERM') expectCleanEnd(ended);
      server = await startServer(settings);
      urls = [server.url];
      // Who was not answered sends again, under the same key.
      await writers.stop();

      await folded(server.url);
      for (const space of writtenSpaces) {
        expect(await readMemories(server.url, space)).toEqual(ledger.memoriesOf(space));
      }
      await expectVerified(server.url);
    }
    await server.end('SIGTERM');
    expect(await database.read(readHistory)).toEqual(ledger.history());
  } finally {
    await server.end('SIGKILL');
  }
}

/** Requests in flight were answered or refused: none met a defect. */
function expectCleanEnd({ code, stdout, stderr }: Ended): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').filter((line) => /"level":[56]0/.test(line))).toEqual([]);
}
