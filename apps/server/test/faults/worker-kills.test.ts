import { expect, it } from 'vitest';
import { isNativeMissing, nativeDatabase } from './databases.ts';
import { Fleet } from './fleet.ts';
import { readHistory } from './history.ts';
import { Ledger } from './ledger.ts';
import { startModel } from './model-server.ts';
import { seededRandom, testSeed } from './random.ts';
import { expectVerified, folded } from './settled.ts';
import { startWriters } from './writers.ts';

/** Traffic goes on until there was this much of both, whatever time that takes. */
const enough = { kills: 8, requests: 500 };

it.skipIf(isNativeMissing)(
  'processes killed again and again: every request is in the log once and every access counted once',
  { timeout: 300_000 },
  async () => {
    const seed = testSeed();
    const ledger = new Ledger();
    await using database = await nativeDatabase();
    await using model = await startModel();
    await using fleet = new Fleet({ ...database.settings, ...model.settings }, ['api', 'api', 'worker', 'worker']);
    await fleet.ready();

    const writers = startWriters({ seed, ledger, urls: () => fleet.apiUrls() });
    const isEnough = () => fleet.kills >= enough.kills && ledger.acknowledged >= enough.requests;
    await fleet.killAtRandom(seededRandom(seed), () => writers.areGoingOn() && !isEnough());
    await writers.stop();

    await fleet.ready();
    const [url = ''] = fleet.apiUrls();
    await folded(url);
    expect(await database.read(readHistory)).toEqual(ledger.history());
    await expectVerified(url);
  },
);
