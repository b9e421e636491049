import { expect, it } from 'vitest';
import { archiveSettings } from '../src/archive-settings.ts';
import { readEnv, SettingsError } from '../src/env.ts';
import { modelSettings } from '../src/model-settings.ts';

function fault(source: Record<string, string>): string {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'none';
}

it('without settings there are the documented defaults', () => {
  expect(readEnv({ PATH: '/usr/bin' })).toEqual({
    HOST: '127.0.0.1',
    PORT: 7100,
    ADMIN_PORT: 7180,
    ADMIN_HOST: '127.0.0.1',
    ANIMA_AUTH: 'off',
    ANIMA_DATA_DIR: '.anima',
    ANIMA_ROLE: 'all',
    ANIMA_CONSOLE: 'on',
    REQUESTS_PER_MINUTE: 6_000,
    SHED_ABOVE_MS: 300,
    DRAIN_MS: 0,
    DB_POOL_MAX: 50,
    EMBEDDING_PROVIDER: 'builtin',
    OLLAMA_URL: 'http://127.0.0.1:11434',
    OLLAMA_MODEL: 'nomic-embed-text',
    OPENAI_MODEL: 'text-embedding-3-small',
    ADD_EMBED_BUDGET_MS: 75,
    QUERY_EMBED_BUDGET_MS: 150,
    EMBEDDING_CACHE_MAX: 10_000,
    EMBEDDING_CACHE_TTL_MS: 3_600_000,
    RANKING: 'hybrid',
    SEMANTIC_CONSOLIDATION: 'true',
    LOG_KEEP_DAYS: 90,
    AWS_REGION: 'us-east-1',
    SLOW_REQUEST_MS: 500,
    LOG_LEVEL: 'info',
    DATABASE_BACKEND: 'postgres',
    DATABASE_READ_LAG_MS: 5_000,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'anima',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '60000',
  });
});

it.each([
  ['PORT', 'abc', 'must be a whole number from 0 to 65535'],
  ['PORT', '65536', 'must be a whole number from 0 to 65535'],
  ['PORT', '-1', 'must be a whole number from 0 to 65535'],
  ['PORT', '7100.5', 'must be a whole number from 0 to 65535'],
  ['HOST', '0.0.0.0', 'is not 127.0.0.1, ::1 or localhost, so others can ask: set ANIMA_AUTH=on'],
  ['HOST', '127.0.0.1.evil.example', 'is not 127.0.0.1'],
  ['HOST', 'http://a', 'must be a host name or an address'],
  ['ADMIN_HOST', '::', 'is not 127.0.0.1'],
  ['ANIMA_AUTH', 'maybe', 'must be on or off'],
  ['LOG_ARCHIVE_URL', '/var/archive', 'must be a file:///folder or s3://bucket/prefix URL'],
  ['LOG_KEEP_DAYS', '-1', 'must be a whole number from 0 to 36500'],
  ['DATABASE_URL', 'mysql://localhost/anima', 'must be a postgres:// URL'],
  ['DATABASE_BACKEND', 'cockroachdb', 'must be postgres or citus'],
  ['DATABASE_BACKEND', 'citus', 'citus needs DATABASE_URL: the coordinator of the cluster'],
  ['DATABASE_DIRECT_URL', 'postgres://localhost/anima', 'needs DATABASE_URL beside it'],
  ['DATABASE_READ_URL', 'postgres://localhost/anima', 'needs DATABASE_URL beside it'],
  ['DATABASE_READ_LAG_MS', '100', 'must be a whole number from 500 to 3600000'],
  ['DB_PREPARED_STATEMENTS', 'yes', 'must be on or off'],
  ['ANIMA_ROLE', 'reader', 'must be all or api or worker'],
  ['EMBEDDING_PROVIDER', 'cohere', 'must be builtin or ollama or openai'],
  ['OLLAMA_URL', 'localhost:11434', 'must be an http:// or https:// URL'],
  ['OLLAMA_STANDBY_URL', 'localhost:11434', 'must be an http:// or https:// URL'],
  ['OLLAMA_KEEP_ALIVE', 'an hour', 'must be a duration like 90s, 30m or 24h, or whole seconds; -1 is for ever'],
  ['OLLAMA_KEEP_ALIVE', '1.5', 'must be a duration like 90s'],
  ['OLLAMA_KEEP_ALIVE', '1h30', 'must be a duration like 90s'],
  ['OPENAI_STANDBY_BASE_URL', 'backup', 'must be an http:// or https:// URL'],
  ['OPENAI_DIMENSIONS', '0', 'must be a whole number from 1 to 4000'],
  ['OPENAI_DIMENSIONS', '4096', 'must be a whole number from 1 to 4000'],
  ['DB_POOL_MAX', '0', 'must be a whole number from 1 to 1000'],
  ['RANKING', 'magic', 'must be hybrid or structural'],
  ['SEMANTIC_CONSOLIDATION', 'yes', 'must be true or false'],
  ['LOG_LEVEL', 'verbose', 'must be fatal or error'],
])('%s=%s stops the start with one line that names it and says what is allowed', (name, value, allowed) => {
  const message = fault({ [name]: value });
  expect(message).toContain(`${name} ${allowed}`);
  expect(message).not.toContain('\n');
});

it.each([
  ['LOG_ARCHIVE_URL', 'file:///var/archive'],
  ['DATABASE_DIRECT_URL', 'postgres://localhost/anima'],
  ['DATABASE_READ_URL', 'postgres://localhost/anima'],
])('%s, which a cluster cannot have, stops the start with one line that says why and what to do', (name, value) => {
  const given = { DATABASE_URL: 'postgres://localhost/anima', [name]: value };
  expect(fault(given)).toBe('none');
  expect(fault({ ...given, DATABASE_BACKEND: 'citus' })).toMatch(
    new RegExp(`^${name} cannot be used with DATABASE_BACKEND=citus: .+\\. Leave it unset$`),
  );
});

it('every wrong setting is named at once, each once', () => {
  expect(fault({ PORT: 'x', DB_POOL_MAX: 'y' })).toBe(
    'PORT must be a whole number from 0 to 65535; DB_POOL_MAX must be a whole number from 1 to 1000',
  );
});

it('a message never shows the value, which may be a secret', () => {
  expect(fault({ DATABASE_URL: 'http://user:hunter2@db' })).not.toContain('hunter2');
});

it('an unknown name with our prefix stops the start', () => {
  expect(fault({ ANIMA_DATADIR: '/data' })).toBe(
    'ANIMA_DATADIR: no such setting; with this prefix there are ANIMA_AUTH, ANIMA_DATA_DIR, ANIMA_CACHE_DIR, ANIMA_ROLE, ANIMA_CONSOLE',
  );
});

it('the client’s settings are not ours to refuse, nor are names of other programs', () => {
  expect(fault({ ANIMA_URL: 'http://localhost:7100', ANIMA_API_KEY: 'k', PATH: '/bin', ANIMAL: 'cat' })).toBe('none');
});

it('an empty value counts as not set', () => {
  expect(readEnv({ PORT: '', DATABASE_URL: '', ANIMA_UNKNOWN: '' })).toMatchObject({ PORT: 7100 });
});

it.each(['api', 'worker'])('role %s needs a database that several processes can share', (role) => {
  expect(fault({ ANIMA_ROLE: role })).toContain('DATABASE_URL');
  expect(fault({ ANIMA_ROLE: role, DATABASE_URL: 'postgres://localhost/anima' })).toBe('none');
});

it('any address may be listened on where keys are asked for', () => {
  expect(fault({ HOST: '0.0.0.0', ADMIN_HOST: '::', ANIMA_AUTH: 'on' })).toBe('none');
});

it('a bucket needs a key, a folder does not', () => {
  const env = { LOG_ARCHIVE_URL: 's3://logs/anima', LOG_ARCHIVE_ENDPOINT: 'http://127.0.0.1:9000' };
  expect(() => archiveSettings(readEnv(env))).toThrow('AWS_SECRET_ACCESS_KEY');
  const keyed = archiveSettings(readEnv({ ...env, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' }));
  expect(keyed).toEqual({
    ...{ url: 's3://logs/anima', keepDays: 90 },
    access: {
      ...{ endpoint: 'http://127.0.0.1:9000', region: 'us-east-1' },
      ...{ accessKeyId: 'k', secretAccessKey: 's', sessionToken: undefined },
    },
  });
  const folder = { LOG_ARCHIVE_URL: 'file:///var/archive', LOG_KEEP_DAYS: '7' };
  expect(archiveSettings(readEnv(folder))).toEqual({ url: 'file:///var/archive', keepDays: 7, access: undefined });
});

it('provider openai needs a key', () => {
  const env = { EMBEDDING_PROVIDER: 'openai' };
  expect(() => modelSettings(readEnv(env))).toThrow(SettingsError);
  expect(modelSettings(readEnv({ ...env, OPENAI_API_KEY: 'k' }))).toMatchObject({ provider: 'openai', apiKey: 'k' });
});

it.each([
  ['30m', '30m'],
  ['1h30m', '1h30m'],
  ['90', 90],
  ['-1', -1],
  ['0', 0],
])('OLLAMA_KEEP_ALIVE=%s is what Ollama is told: a bare number as a number, or it would not read it', (value, told) => {
  const env = readEnv({ EMBEDDING_PROVIDER: 'ollama', OLLAMA_KEEP_ALIVE: value });
  expect(modelSettings(env)).toMatchObject({ provider: 'ollama', keepAlive: told });
});

it('a stand-by has an address and a key only: provider, model and dimensions are those of the first', () => {
  const ollama = { EMBEDDING_PROVIDER: 'ollama', OLLAMA_STANDBY_URL: 'http://second:11434' };
  expect(modelSettings(readEnv(ollama))).toEqual({
    provider: 'ollama',
    url: 'http://127.0.0.1:11434',
    standbyUrl: 'http://second:11434',
    model: 'nomic-embed-text',
  });
  const openai = {
    EMBEDDING_PROVIDER: 'openai',
    OPENAI_API_KEY: 'k',
    OPENAI_STANDBY_BASE_URL: 'https://second/v1',
    OPENAI_STANDBY_API_KEY: 'k2',
    OPENAI_DIMENSIONS: '256',
  };
  expect(modelSettings(readEnv(openai))).toEqual({
    provider: 'openai',
    apiKey: 'k',
    standbyBaseUrl: 'https://second/v1',
    standbyApiKey: 'k2',
    model: 'text-embedding-3-small',
    dimensions: 256,
  });
});
