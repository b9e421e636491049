import { dialogue, questions, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { describeLoad } from '../mix/load-report.ts';
import { type Measured, measureLoad } from '../mix/measure-load.ts';
import { promised } from '../mix/operations.ts';
import { pick, type Random, seededRandom } from '../random.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import type { Target } from '../target.ts';

const warmUpMs = 5_000;

/** Of the questions, those that nobody asked before; the others repeat themselves, as those of agents do. */
const newQuestions = 0.2;

type Load = ReturnType<typeof describeLoad> & {
  readonly users: number;
  readonly measured: Measured;
  /** Until all was folded. */
  readonly drainMs: number;
};

interface UsersPlan {
  readonly memories: number;
  readonly users: readonly number[];
  /** Seconds, for each number of users. */
  readonly duration: number;
  readonly seed: number;
}

/** Users who think for a second between two requests, on a space of memories, with the model of the server. */
export async function measureUsers(target: Target, { memories, users: counts, duration, seed }: UsersPlan) {
  // One name for the same texts, so that a database that was filled once can be measured again.
  const space = `targets-${seed}-${memories}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);
  const asked = questions(seededRandom(seed + Date.now()));
  const nextQuery = (random: Random) => (random() < newQuestions ? asked.next().value : pick(random, repeatedQueries));

  const loads: Load[] = [];
  for (const users of counts) {
    const load = { baseUrl: target.url, space, users, seed, nextTurn, nextQuery, durationMs: 1_000 * duration };
    const measured = await measureLoad(`${users} users`, load, warmUpMs);
    const drainMs = await settle(target.client, 'folds', 'Folding');
    await settle(target.client, 'embeddings', 'Embedding');
    const limits = { p95Ms: promised, errorShare: 0 };
    loads.push({ ...describeLoad(`${users} users`, measured, limits), users, measured, drainMs });
  }
  return {
    measures: loads.flatMap(({ measures, users, drainMs }) => [
      ...measures,
      { name: `folded after, ${users} users`, value: drainMs, unit: 'ms' as const, better: 'lower' as const },
    ]),
    failures: loads.flatMap(({ failures }) => failures),
    blocks: loads.flatMap(({ blocks }) => blocks),
    versions: await versionsOf(target.client),
    data: { loads: loads.map(({ users, measured, drainMs }) => ({ users, drainMs, ...measured })) },
  };
}
