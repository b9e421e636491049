import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';

/** A container that runs: how tests find it, and its end. */
export interface Started {
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

/** Suites that run against an image. */
export interface Trial {
  readonly image: string;
  /** What vitest is told to run. */
  readonly suites: readonly string[];
  start(): Promise<Started>;
}

const postgresMajors = [15, 16, 17, 18];
const redisPort = 6379;

/** The contract of the store on each PostgreSQL that is promised, and what Redis is for on a Redis. */
export const trials: readonly Trial[] = [
  ...postgresMajors.map((major) => onPostgres(`pgvector/pgvector:pg${major}`)),
  onRedis('redis:7.4-alpine'),
  onRedis('redis:8-alpine'),
];

function onPostgres(image: string): Trial {
  return {
    image,
    suites: ['packages/store/test/contract', '--testNamePattern', '\\(postgres\\)'],
    async start() {
      // As scripts/provision-postgres.sh starts its own; what a test wrote need not outlive the container.
      const settings = ['max_connections=300', 'shared_buffers=512MB', 'fsync=off'];
      const container = await new PostgreSqlContainer(image)
        .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])])
        .withSharedMemorySize(512 * 1024 * 1024)
        .start();
      const environment = { ANIMA_TEST_DATABASE_URL: container.getConnectionUri() };
      return { environment, stop: () => container.stop() };
    },
  };
}

function onRedis(image: string): Trial {
  return {
    image,
    suites: ['packages/redis'],
    async start() {
      const container = await new GenericContainer(image).withExposedPorts(redisPort).start();
      const url = `redis://${container.getHost()}:${container.getMappedPort(redisPort)}`;
      return { environment: { ANIMA_TEST_REDIS_URL: url }, stop: () => container.stop() };
    },
  };
}

/** Why there are no containers here; undefined where there are. */
export async function dockerIsSilent(): Promise<string | undefined> {
  try {
    await getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export interface Outcome {
  readonly image: string;
  readonly result: 'passed' | 'FAILED' | `skipped: ${string}`;
}

/**
 * Runs one trial after the other, each in a container of its own, which is gone afterwards.
 *
 * @param isSilent why Docker does not answer, if it does not: then all are skipped
 * @param run runs suites, and answers whether they passed
 */
export async function runTrials(
  chosen: readonly Trial[],
  isSilent: () => Promise<string | undefined>,
  run: (suites: readonly string[], environment: Started['environment']) => boolean,
): Promise<readonly Outcome[]> {
  const reason = await isSilent();
  if (reason !== undefined) {
    return chosen.map(({ image }) => ({ image, result: `skipped: Docker does not answer (${reason})` }));
  }
  const outcomes: Outcome[] = [];
  for (const trial of chosen) outcomes.push({ image: trial.image, result: await runTrial(trial, run) });
  return outcomes;
}

async function runTrial(trial: Trial, run: Parameters<typeof runTrials>[2]): Promise<Outcome['result']> {
  let started: Started;
  try {
    started = await trial.start();
  } catch (error) {
    return reportOf(error);
  }
  try {
    return run(trial.suites, started.environment) ? 'passed' : 'FAILED';
  } finally {
    await started.stop();
  }
}

/** An image that cannot be had, or does not start, has not been tested: that is no success. */
function reportOf(error: unknown): 'FAILED' {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 'FAILED';
}
