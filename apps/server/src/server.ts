import { createApi } from '@anima/api';
import { defaults, type Log } from '@anima/core';
import { openEmbedder } from '@anima/embeddings';
import { openRedis } from '@anima/redis';
import { openStore } from '@anima/store';
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import packageJson from '../package.json' with { type: 'json' };
import { archiveSettings } from './archive-settings.ts';
import type { Env } from './env.ts';
import { gracefulClose } from './graceful-close.ts';
import { requireLoopbackHost } from './loopback-host.ts';
import { modelSettings, reachModel } from './model-settings.ts';
import { settingsInForce } from './settings-in-force.ts';
import { openTelemetry } from './telemetry/open-telemetry.ts';
import { telemetrySettings } from './telemetry/settings.ts';

/**
 * Connections that wait to be accepted; the kernel may allow fewer. Of more it drops the first packet, and who asked waits
 * a second and then twice as long each time, where a 503 would have told them at once.
 */
const waitingConnections = 4_096;

/** How a server reaches its database: a worker answers nobody, and needs no replica. */
function databaseOf(env: Env) {
  const { DATABASE_READ_URL: url, DATABASE_READ_LAG_MS: boundMs, DB_PREPARED_STATEMENTS: prepared } = env;
  return {
    databaseUrl: env.DATABASE_URL,
    backend: env.DATABASE_BACKEND,
    directUrl: env.DATABASE_DIRECT_URL,
    replica: url === undefined || env.ANIMA_ROLE === 'worker' ? undefined : { url, boundMs },
    prepares: prepared === undefined ? undefined : prepared === 'on',
  };
}

export interface RunningServer {
  /** Where it listens. */
  readonly url: string;
  /** The sentence model of new spaces, as `provider/name`. */
  readonly model: string;
  /**
   * Stops in order: not ready any more, for DRAIN_MS; then no new connections, requests in flight finish (for
   * 10 s at most), workers finish what they hold, the database is flushed and closed, its folder released, and
   * the last spans are sent.
   */
  close(): Promise<void>;
}

/**
 * Opens the parts that a role needs, puts them together and listens. When a part cannot be opened,
 * those before it are closed again.
 *
 * @param source where the settings were read from
 * @throws AnimaError when the database or its folder cannot be used, and what `listen` throws
 */
export async function startServer(
  env: Env,
  log: Log,
  source: Readonly<Record<string, string | undefined>>,
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const { version } = packageJson;
  const telemetry = await openTelemetry(telemetrySettings(env), { version, role: env.ANIMA_ROLE }, log);
  // The last to go, so that it has the spans of all others.
  if (telemetry) opened.defer(() => telemetry.close());
  const tracer = telemetry?.tracer;
  const embedder = opened.adopt(
    await openEmbedder({
      ...modelSettings(env),
      reachModel: reachModel(env),
      cache: { max: env.EMBEDDING_CACHE_MAX, ttlMs: env.EMBEDDING_CACHE_TTL_MS },
      log,
      tracer,
    }),
    (open) => open.close(),
  );
  const store = opened.adopt(
    await openStore({
      ...databaseOf(env),
      dataDir: env.ANIMA_DATA_DIR,
      cacheDir: env.ANIMA_CACHE_DIR,
      poolMax: env.DB_POOL_MAX,
      worker: env.ANIMA_ROLE !== 'api',
      model: embedder.model,
      consolidates: env.SEMANTIC_CONSOLIDATION === 'true',
      archive: archiveSettings(env),
      log,
      tracer,
    }),
    (open) => open.close(),
  );
  const redis =
    env.REDIS_URL === undefined
      ? undefined
      : opened.adopt(openRedis({ url: env.REDIS_URL, vectorsBehind: store.queryVectors, log }), (open) => open.close());
  embedder.useSecondLevel(redis?.queryVectors ?? store.queryVectors);
  if (env.ANIMA_ROLE !== 'api') {
    await store.startWorkers(embedder);
    opened.defer(() => store.stopWorkers());
  }

  const api = createApi({
    store,
    reembeddings: store.reembeddings,
    embedder,
    addEmbedBudgetMs: env.ADD_EMBED_BUDGET_MS,
    queryEmbedBudgetMs: env.QUERY_EMBED_BUDGET_MS,
    similarityThreshold: defaults.similarityThreshold,
    ranking: env.RANKING,
    version,
    settings: settingsInForce(env, source),
    keys: env.ANIMA_AUTH === 'on' ? store : undefined,
    requestsPerMinute: env.REQUESTS_PER_MINUTE,
    redis,
    shedAboveMs: env.SHED_ABOVE_MS,
    log,
    tracer,
    slowRequestMs: env.SLOW_REQUEST_MS,
  });
  // Sent a last time when all is answered, while the store can still be read.
  if (telemetry) opened.defer(telemetry.sendMetrics(api.readMetrics));
  const app = Fastify(api.fastifyOptions);
  const close = gracefulClose(app);
  opened.defer(async () => {
    api.drain();
    await close(env.DRAIN_MS);
  });
  await app.register(helmet);
  if (env.ANIMA_AUTH === 'off') requireLoopbackHost(app);
  await app.register(api.plugin, { faces: env.ANIMA_ROLE === 'worker' ? 'service' : 'all' });
  const url = await app.listen({ host: env.HOST, port: env.PORT, backlog: waitingConnections });

  const model = `${embedder.model.provider}/${embedder.model.name}`;
  log.info({ url, role: env.ANIMA_ROLE, model, auth: env.ANIMA_AUTH }, 'listening');

  const running = opened.move();
  let closed: Promise<void> | undefined;
  return {
    url,
    model,
    close() {
      closed ??= running.disposeAsync().then(() => log.info({}, 'stopped'));
      return closed;
    },
  };
}
