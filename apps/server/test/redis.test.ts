import { hasRedis, RedisProcess } from '@anima/redis/redis-process';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnv } from '../src/env.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { type OpenAiModel, startOpenAiModel } from './openai-model.ts';

/** What `npm test` says where there is none: scripts/test.ts. */
describe.skipIf(!hasRedis)('servers with a Redis', () => {
  let redis: RedisProcess;
  let model: OpenAiModel;
  let servers: readonly RunningServer[];
  const lines: string[] = [];

  beforeAll(async () => {
    model = await startOpenAiModel();
    redis = await RedisProcess.start();
    await redis.kill();
    // Gone at the start.
    servers = await Promise.all(
      ['off', 'on'].map((auth) => {
        const source = {
          ...model.settings,
          ...{ ANIMA_DATA_DIR: 'memory://', PORT: '0', REDIS_URL: redis.url, ANIMA_AUTH: auth },
          // So that the second level is asked each time.
          EMBEDDING_CACHE_MAX: '1',
          QUERY_EMBED_BUDGET_MS: '2000',
          SHED_ABOVE_MS: '0',
        };
        // An idle server does not see that Redis hangs: the lines are those of the one that is asked.
        const write = (line: string) => void (auth === 'off' && lines.push(line));
        const log = pino({ level: 'info' }, { write });
        return startServer(readEnv(source), log, source);
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await redis.kill();
    model.close();
  });

  const saidOfRedis = () =>
    lines.map((line) => JSON.parse(line).msg as string).filter((said) => said.includes('Redis'));
  const query = async (text: string) => {
    const response = await fetch(`${servers[0]!.url}/api/v1/memories/query`, {
      method: 'POST',
      body: JSON.stringify({ query: text, space: 'birds' }),
      headers: { 'content-type': 'application/json' },
    });
    const { meta } = (await response.json()) as { meta: { degraded?: string } };
    return { status: response.status, degraded: meta.degraded };
  };
  const queries = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => query(`which bird is number ${index}?`)));
  const fine = (count: number) => Array(count).fill({ status: 200, degraded: undefined });
  const metric = async (name: string) => {
    const text = await (await fetch(`${servers[0]!.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const isUp = (up: 0 | 1) => expect.poll(() => metric('anima_redis_up'), { timeout: 10_000 }).toBe(up);
  const tryKey = async (server: RunningServer) => {
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: 'Bearer wrong' } });
    return response.status;
  };

  test('start and answer without it, find it when it comes, and go on when it is killed or hangs', async () => {
    expect(await queries(20)).toEqual(fine(20));
    await isUp(0);
    await redis.start();
    await isUp(1);
    expect(await queries(20)).toEqual(fine(20));
    const hitsAfter = async () => {
      await queries(20);
      return metric('anima_redis_vector_hits_total');
    };
    await expect.poll(hitsAfter, { timeout: 20_000 }).toBeGreaterThanOrEqual(20);

    const underWay = queries(50);
    await redis.kill();
    expect(await underWay).toEqual(fine(50));
    await isUp(0);
    expect(await queries(60)).toEqual(fine(60));
    await redis.start();
    await isUp(1);

    redis.pause();
    expect(await queries(70)).toEqual(fine(70));
    await isUp(0);
    expect(await queries(80)).toEqual(fine(80));
    redis.resume();
    await isUp(1);
    const [isThere, isNotThere] = ['Redis is there', 'Redis is not there: caches and limits are those of this process'];
    const changes = saidOfRedis().filter((said) => said === isThere || said === isNotThere);
    expect(changes).toEqual([1, 2, 3].flatMap(() => [isNotThere, isThere]));
  });

  test('count in Redis what was tried with wrong keys', async () => {
    const [, guarded] = servers;
    for (let tried = 0; tried < 30; tried += 1) expect(await tryKey(guarded!)).toBe(401);
    expect(await tryKey(guarded!)).toBe(429);
    // It was counted there: an empty Redis knows nothing of it.
    await redis.kill();
    await redis.start();
    await expect.poll(() => tryKey(guarded!), { timeout: 10_000 }).toBe(401);
  });

  test('doctor says whether it is there', async () => {
    const findings = async () => {
      const response = await fetch(`${servers[0]!.url}/trpc/meta.doctor`);
      const { result } = (await response.json()) as { result: { data: { subject: string }[] } };
      return result.data.filter(({ subject }) => subject === 'redis');
    };
    await isUp(1);
    expect(await findings()).toMatchObject([{ status: 'ok' }]);
    await redis.kill();
    await isUp(0);
    expect(await findings()).toMatchObject([
      { status: 'warning', message: expect.stringMatching('^does not answer: .') },
    ]);
  });
});
