import { rankingProfiles } from '@anima/core';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
};

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `must be ${values.join(' or ')}` });

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

/** As Ollama reads it: a bare number is seconds, and anything below zero means for ever. */
const keepAlive = z
  .string()
  .regex(/^-?(\d{1,9}|(\d{1,9}(\.\d{1,9})?(ms|s|m|h))+)$/, {
    error: 'must be a duration like 90s, 30m or 24h, or whole seconds; -1 is for ever',
  })
  .transform((value) => (/\D$/.test(value) ? value : Number(value)));

const anHour = 3_600_000;
const host = z.string().regex(/^[\w.:-]{1,253}$/, { error: 'must be a host name or an address' });
const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** These belong to every program of a machine, so what they may be is not for this one to say: see telemetry/settings.ts. */
const openTelemetry = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .optional()
    .describe(
      'an OpenTelemetry collector, `http://127.0.0.1:4318`, to get traces and metrics; unset: nothing is traced',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional().describe('where traces go instead, with its path'),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.string().optional().describe('where metrics go instead, with its path'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().default('http/protobuf').describe('`http/protobuf` or `http/json`'),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional().describe('sent along: `name=value,…`, percent-encoded'),
  OTEL_SERVICE_NAME: z.string().default('anima').describe('how the collector knows this process'),
  OTEL_TRACES_EXPORTER: z.string().default('otlp').describe('`otlp` or `none`'),
  OTEL_TRACES_SAMPLER: z
    .string()
    .default('parentbased_always_on')
    .describe(
      'which requests are traced: `always_on`, `always_off`, `traceidratio`, or one of these after `parentbased_`, where a caller that is traced decides',
    ),
  OTEL_TRACES_SAMPLER_ARG: z.string().optional().describe('how many of them `traceidratio` traces, 0–1; unset: all'),
  OTEL_METRICS_EXPORTER: z.string().default('otlp').describe('`otlp` or `none`'),
  OTEL_METRIC_EXPORT_INTERVAL: z.string().default('60000').describe('how often metrics are sent, ms'),
  OTEL_SDK_DISABLED: z.string().optional().describe('`true`: nothing is traced or sent, whatever else is set'),
};

const schema = z.object({
  HOST: host
    .default('127.0.0.1')
    .describe('the interface that the API listens on; another than the loopback only with `ANIMA_AUTH=on`'),
  PORT: wholeNumber(0, 65_535).default(7100).describe('where the API listens; 0 is any free port'),
  ADMIN_PORT: wholeNumber(0, 65_535).default(7180).describe('where the console is'),
  ADMIN_HOST: host
    .default('127.0.0.1')
    .describe('the interface that the console listens on; another than the loopback only with `ANIMA_AUTH=on`'),
  ANIMA_AUTH: oneOf(['on', 'off'])
    .default('off')
    .describe('`on` or `off`: whether whoever asks needs a key; without, nobody but this machine can ask'),
  REQUESTS_PER_MINUTE: wholeNumber(1, 1_000_000_000)
    .default(6_000)
    .describe('what one key may ask for: in each process, or with `REDIS_URL` in all together'),
  SHED_ABOVE_MS: wholeNumber(0, 60_000)
    .default(300)
    .describe(
      'what nine in ten requests should take, waits for a model left out, before more are turned away with a 503, ms; 0 turns none away',
    ),
  DATABASE_URL: postgresUrl.optional().describe('PostgreSQL ≥ 15 with pgvector ≥ 0.8; unset: the embedded database'),
  DATABASE_BACKEND: oneOf(['postgres', 'citus'])
    .default('postgres')
    .describe(
      '`postgres` or `citus`: what `DATABASE_URL` leads to, one server or the coordinator of a Citus cluster, whose nodes then have the tables by their shard',
    ),
  DATABASE_DIRECT_URL: postgresUrl
    .optional()
    .describe(
      'the same database past a pooler in transaction mode, when `DATABASE_URL` leads to one: workers go this way, and schema changes; the same login',
    ),
  DATABASE_READ_URL: postgresUrl
    .optional()
    .describe('a streaming replica, for `bootstrap`, lists of memories and what the console surveys'),
  DATABASE_READ_LAG_MS: wholeNumber(500, 3_600_000)
    .default(5_000)
    .describe('how far behind the replica may be at most before the primary answers in its place, ms'),
  DB_PREPARED_STATEMENTS: oneOf(['on', 'off'])
    .optional()
    .describe(
      '`on` or `off`: whether hot statements are prepared by name; unset: `off` where a pooler stands between. PgBouncer ≥ 1.21 can do with `on`',
    ),
  DRAIN_MS: wholeNumber(0, 60_000)
    .default(0)
    .describe(
      'how long a server that is told to stop still answers, ms, while `/health/ready` tells balancers to send nobody any more',
    ),
  ANIMA_DATA_DIR: z.string().default('.anima').describe('folder of the embedded database'),
  ANIMA_CACHE_DIR: z
    .string()
    .optional()
    .describe('where what can be made again is kept, such as an empty database that new folders start from'),
  ANIMA_ROLE: oneOf(['all', 'api', 'worker'])
    .default('all')
    .describe('`all`, `api` (answers) or `worker` (folds and embeds)'),
  ANIMA_CONSOLE: oneOf(['on', 'off'])
    .default('on')
    .describe('`on` or `off`: whether the console is served beside the server; a worker has none'),
  DB_POOL_MAX: wholeNumber(1, 1_000).default(50).describe('connections of one process at most'),
  EMBEDDING_PROVIDER: oneOf(['builtin', 'ollama', 'openai'])
    .default('builtin')
    .describe('`builtin`, `ollama` or `openai`: the model of new spaces; others keep theirs'),
  OLLAMA_URL: httpUrl.default('http://127.0.0.1:11434').describe('where Ollama is'),
  OLLAMA_STANDBY_URL: httpUrl
    .optional()
    .describe('a second address of the very same model, asked while the first does not answer'),
  OLLAMA_MODEL: z.string().default('nomic-embed-text').describe('its model'),
  OLLAMA_KEEP_ALIVE: keepAlive
    .optional()
    .describe('how long Ollama keeps the model loaded after a call: `30m`, `24h`, seconds, `-1` for ever; unset: `1h`'),
  OPENAI_API_KEY: z.string().optional().describe('the key of the service'),
  OPENAI_BASE_URL: httpUrl.optional().describe('any service that speaks the protocol'),
  OPENAI_STANDBY_BASE_URL: httpUrl
    .optional()
    .describe('a second address of the very same model; one that gives other vectors is refused'),
  OPENAI_STANDBY_API_KEY: z.string().optional().describe('its key; unset: the same'),
  OPENAI_MODEL: z.string().default('text-embedding-3-small').describe('its model'),
  OPENAI_DIMENSIONS: wholeNumber(1, 4_000)
    .optional()
    .describe(
      "what the service is asked to shorten its vectors to, at most 4,000; unset: the model's own. Other dimensions are another model",
    ),
  ADD_EMBED_BUDGET_MS: wholeNumber(0, 60_000).default(75).describe('how long an add waits for its vector'),
  QUERY_EMBED_BUDGET_MS: wholeNumber(0, 60_000)
    .default(150)
    .describe('how long a query waits for its vector; then it answers by words'),
  EMBEDDING_CACHE_MAX: wholeNumber(1, 10_000_000).default(10_000).describe('vectors kept in memory'),
  EMBEDDING_CACHE_TTL_MS: wholeNumber(1, 30 * 24 * anHour)
    .default(anHour)
    .describe('how long they are kept'),
  RANKING: oneOf(rankingProfiles)
    .default('hybrid')
    .describe('`hybrid` or `structural`: how results are ordered where neither a query nor its space says so'),
  SEMANTIC_CONSOLIDATION: oneOf(['true', 'false'])
    .default('true')
    .describe('`true` or `false`: whether near-duplicates are merged where a space does not say'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' })
    .optional()
    .describe(
      'where processes share vectors of queries and what keys asked for; the server goes on without it while it is not there',
    ),
  LOG_ARCHIVE_URL: z
    .url({ protocol: /^(file|s3)$/, error: 'must be a file:///folder or s3://bucket/prefix URL' })
    .optional()
    .describe(
      'where old events of the log go: `file:///folder`, or `s3://bucket/prefix` of anything that speaks like S3; unset: they stay in the database',
    ),
  LOG_KEEP_DAYS: wholeNumber(0, 36_500).default(90).describe('how long events stay in the database at least, days'),
  LOG_ARCHIVE_ENDPOINT: httpUrl.optional().describe("where the bucket's service is; unset: Amazon's of `AWS_REGION`"),
  AWS_REGION: z.string().default('us-east-1').describe('its region'),
  AWS_ACCESS_KEY_ID: z.string().optional().describe('who may read and write the bucket'),
  AWS_SECRET_ACCESS_KEY: z.string().optional().describe('the secret of that key'),
  AWS_SESSION_TOKEN: z.string().optional().describe('where the key is a temporary one'),
  SLOW_REQUEST_MS: wholeNumber(1, 3_600_000).default(500).describe('requests that take longer are logged'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`'),
  ...openTelemetry,
});

/** The settings of a server, checked, defaults filled in. */
export type Env = z.output<typeof schema>;

/** Every setting that there is. */
export const settingNames = Object.keys(schema.shape) as readonly (keyof Env)[];

/** Each setting, its default and what it means, for the reference. */
export const settingDescriptions: readonly { name: string; fallback: string | undefined; meaning: string }[] =
  Object.entries(schema.shape).map(([name, setting]) => {
    const fallback = setting.safeParse(undefined).data;
    return {
      name,
      fallback: fallback === undefined ? undefined : String(fallback),
      meaning: setting.description ?? '',
    };
  });

/** Names with our prefix that other programs of the workspace read: the client's, and the tests'. */
const ofOthers = [
  'ANIMA_URL',
  'ANIMA_API_KEY',
  'ANIMA_TEST_CITUS_URL',
  'ANIMA_TEST_DATABASE_URL',
  'ANIMA_TEST_PG_PORT',
  'ANIMA_TEST_REDIS_URL',
  'ANIMA_TEST_RUNS',
  'ANIMA_LOCOMO_DIR',
];

/** A setting is wrong. The message is one line: which, and what is allowed; never the value, which may be a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings. An empty value counts as not set.
 *
 * @throws SettingsError for values that are not allowed, and for names that start with `ANIMA_` and mean nothing
 */
export function readEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => isGiven(value)));
  const known: readonly string[] = [...settingNames, ...ofOthers];
  const unknown = Object.keys(given).filter((name) => name.startsWith('ANIMA_') && !known.includes(name));
  if (unknown.length > 0) {
    const settings = settingNames.filter((name) => name.startsWith('ANIMA_'));
    throw new SettingsError(
      `${unknown.join(', ')}: no such setting; with this prefix there are ${settings.join(', ')}`,
    );
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new SettingsError([...new Set(faults)].join('; '));
  }
  const env = parsed.data;
  if (env.ANIMA_ROLE !== 'all' && env.DATABASE_URL === undefined) {
    throw new SettingsError(
      `ANIMA_ROLE ${env.ANIMA_ROLE} needs DATABASE_URL: the embedded database belongs to one process, which must be all`,
    );
  }
  if (env.DATABASE_BACKEND === 'citus') refuseOnCitus(env);
  for (const name of ['DATABASE_DIRECT_URL', 'DATABASE_READ_URL'] as const) {
    if (env[name] === undefined || env.DATABASE_URL !== undefined) continue;
    throw new SettingsError(`${name} needs DATABASE_URL beside it`);
  }
  for (const name of ['HOST', 'ADMIN_HOST'] as const) {
    if (isLoopback(env[name]) || env.ANIMA_AUTH === 'on') continue;
    throw new SettingsError(
      `${name} is not 127.0.0.1, ::1 or localhost, so others can ask: set ANIMA_AUTH=on, and make a key with "anima keys create --on-database"`,
    );
  }
  return env;
}

/** What one server can do and a cluster cannot, or not yet. */
function refuseOnCitus(env: Env): void {
  if (env.DATABASE_URL === undefined) {
    throw new SettingsError('DATABASE_BACKEND citus needs DATABASE_URL: the coordinator of the cluster');
  }
  const reasons = {
    LOG_ARCHIVE_URL: 'what guards the log cannot look up, on a node, which events a file has',
    DATABASE_DIRECT_URL:
      'what a pooler needs is set for the login, which Citus hands on to the nodes, and would end the move of a shard there',
    DATABASE_READ_URL: 'a copy of the coordinator does not have what the nodes have',
  } as const;
  for (const [name, why] of Object.entries(reasons) as [keyof typeof reasons, string][]) {
    if (env[name] === undefined) continue;
    throw new SettingsError(`${name} cannot be used with DATABASE_BACKEND=citus: ${why}. Leave it unset`);
  }
}

/** Whether nobody but this machine can reach it. */
function isLoopback(address: string): boolean {
  return loopback.test(address);
}

/** Whether somebody set it: an empty value counts as none. */
export function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
