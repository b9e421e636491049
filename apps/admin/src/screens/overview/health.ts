import type { LiveSample } from '@anima/client';

/** What an answer may take at most, p95, ms: the targets that Anima is built for. */
export const targets = { add: 150, query: 300, bootstrap: 200 } as const;
export type Target = keyof typeof targets;

/** How far back one looks to say how the server does, ms. */
const windowMs = 60_000;
/** Fewer requests than this say little of how long they take. */
const enough = 10;
/** Events that wait for longer than this are not just waiting for the next batch, ms. */
const lateFoldMs = 10_000;
const manyWaiting = 5;

export interface Health {
  readonly state: 'unknown' | 'well' | 'strained' | 'away';
  /** What is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/** How a server does, by its last minute. */
export function healthOf(connection: 'connecting' | 'live' | 'away', samples: readonly LiveSample[]): Health {
  if (connection === 'away') return { state: 'away', problems: ['the server does not answer'] };
  const last = samples.at(-1);
  if (!last) return { state: 'unknown', problems: [] };
  const lately = samples.filter(({ at }) => at > last.at - windowMs);
  const problems = [...slowOnes(lately), ...failing(lately), ...strainOf(last)];
  return { state: problems.length > 0 ? 'strained' : 'well', problems };
}

function slowOnes(samples: readonly LiveSample[]): string[] {
  return (Object.keys(targets) as Target[]).flatMap((name) => {
    const requests = samples.reduce((sum, { latency }) => sum + latency[name].count, 0);
    const p95 = requests < enough ? null : typicalP95(samples, name);
    return p95 !== null && p95 > targets[name]
      ? [`${name} takes ${Math.round(p95)} ms (p95), over ${targets[name]} ms`]
      : [];
  });
}

/** The p95 of the intervals, each weighed by its requests: what is known of the p95 of them all. */
function typicalP95(samples: readonly LiveSample[], name: Target): number | null {
  const measured = samples.flatMap(({ latency }) => {
    const { count, p95 } = latency[name];
    return p95 === null ? [] : [{ count, p95 }];
  });
  const requests = measured.reduce((sum, { count }) => sum + count, 0);
  if (requests === 0) return null;
  return measured.reduce((sum, { count, p95 }) => sum + count * p95, 0) / requests;
}

function failing(samples: readonly LiveSample[]): string[] {
  const errors = samples.reduce((sum, one) => sum + one.errors, 0);
  const operations = samples.reduce((sum, one) => sum + one.operations, 0);
  return errors > 0 && errors > operations * 0.01 ? [`${errors} requests failed within a minute`] : [];
}

function strainOf({ database }: LiveSample): string[] {
  if (!database) return ['the database does not answer'];
  const { folds, pool, jobs } = database;
  return [
    ...(folds.lagMs > lateFoldMs
      ? [`${folds.lagEvents} events wait to be folded, for ${Math.round(folds.lagMs / 1_000)} s`]
      : []),
    ...(pool.waiting > manyWaiting ? [`${pool.waiting} requests wait for a connection`] : []),
    ...(jobs.failed > 0 ? [`${jobs.failed} jobs failed lately`] : []),
  ];
}
