import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Log, QueryVectors, Space } from '@anima/core';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type OpenRedis, openRedis } from '../src/index.ts';
import { Wire } from './wire.ts';

const url = inject('redis');
const model = { provider: 'test', name: 'words', dimensions: 8 };
const here: Space = { id: 'here', shard: 0, settings: {}, model };
const there: Space = { id: 'there', shard: 0, settings: {}, model };
const hashOf = (text: string) => hash('sha256', text);
const day = 24 * 3_600_000;

/** Another one for each text. */
function vectorOf(text: string): Float32Array {
  const bytes = hash('sha256', text, 'buffer').subarray(0, model.dimensions);
  const length = Math.hypot(...bytes);
  return Float32Array.from(bytes, (byte) => byte / length);
}

/** What is behind: it remembers, and tells what it was asked for. */
function vectorsBehind() {
  const kept = new Map<string, Float32Array>();
  const asked: string[] = [];
  const vectors: QueryVectors = {
    async read(space, textHash) {
      asked.push(textHash);
      return kept.get(`${space.id} ${textHash}`);
    },
    keep: (space, textHash, vector) => void kept.set(`${space.id} ${textHash}`, vector),
  };
  return { vectors, kept, asked };
}

interface Line {
  readonly level: keyof Log;
  readonly fields: object;
  readonly message: string;
}

/** A process: what it has of Redis, what is behind, and what it logged. */
function open(at: string) {
  const lines: Line[] = [];
  const behind = vectorsBehind();
  const line = (level: keyof Log) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const redis = openRedis({ url: at, vectorsBehind: behind.vectors, log });
  opened.push(redis);
  return { redis, behind, lines, vectors: redis.queryVectors };
}

const opened: OpenRedis[] = [];
const messages = (lines: readonly Line[]) => lines.map(({ level, message }) => `${level} ${message.split(':')[0]}`);
const isThere = 'info Redis is there';
const isNotThere = 'warn Redis is not there';
const isUp = async (redis: OpenRedis, up = true) =>
  void (await expect.poll(() => redis.reading().isUp, { timeout: 10_000, interval: 5 }).toBe(up));

afterEach(() => {
  for (const redis of opened.splice(0)) redis.close();
});

describe.skipIf(url === null)('with a Redis', () => {
  let wire: Wire;
  let raw: Redis;

  beforeAll(() => {
    raw = new Redis(url!);
  });
  afterAll(() => void raw.disconnect());
  beforeEach(async () => {
    await raw.flushdb();
    wire = await Wire.to(url!);
  });
  afterEach(() => wire.cut());

  async function connected() {
    const one = open(wire.url);
    await isUp(one.redis);
    return one;
  }
  /** Keys are written behind the requests. */
  const written = (count: number) => expect.poll(() => raw.dbsize(), { interval: 5 }).toBe(count);

  describe('vectors of queries', () => {
    test('are known to another process, bit by bit; the keys tell nothing, and all of it ends within a day', async () => {
      const [first, second] = [await connected(), await connected()];
      first.vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      expect(await second.vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
      expect(second.behind.asked).toEqual([]);
      const [key = ''] = await raw.keys('*');
      expect(key).toMatch(/^anima:vector:[\w-]{43}:[\w-]{43}$/);
      expect(key).not.toContain(hashOf('a robin'));
      expect(await raw.getBuffer(key)).toHaveLength(4 * model.dimensions);
      const left = await raw.pttl(key);
      expect(left).toBeGreaterThan(0.9 * day);
      expect(left).toBeLessThanOrEqual(day);
      expect(second.redis.reading()).toEqual({ isUp: true, hits: 1, misses: 0, failures: 0 });
    });

    test('are those of one space, one model and one text', async () => {
      const { vectors, behind } = await connected();
      vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      behind.kept.clear();
      for (const [space, text] of [
        [there, 'a robin'],
        [{ ...here, model: { ...model, name: 'other words' } }, 'a robin'],
        [here, 'a wren'],
      ] as const) {
        expect(await vectors.read(space, hashOf(text))).toBeUndefined();
      }
      expect(await vectors.read(here, hashOf('a robin'))).toBeDefined();
    });

    test('that Redis does not have are looked for behind, and from then on it has them', async () => {
      const { redis, vectors, behind } = await connected();
      behind.kept.set(`here ${hashOf('a robin')}`, vectorOf('a robin'));
      expect(await vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
      await written(1);
      expect(await vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
      expect(behind.asked).toEqual([hashOf('a robin')]);
      expect(redis.reading()).toMatchObject({ hits: 1, misses: 1 });
    });

    const bytes = (...floats: number[]) => Buffer.from(Float32Array.from(floats).buffer);
    test.each([
      ['too short', (key: string) => raw.set(key, bytes(1, 0))],
      ['too long', (key: string) => raw.set(key, bytes(1, 0, 0, 0, 0, 0, 0, 0, 0))],
      ['not a number', (key: string) => raw.set(key, bytes(1, 0, 0, Number.NaN, 0, 0, 0, 0))],
      ['infinite', (key: string) => raw.set(key, bytes(1, 0, 0, Number.POSITIVE_INFINITY, 0, 0, 0, 0))],
      ['not of length 1', (key: string) => raw.set(key, bytes(1, 1, 0, 0, 0, 0, 0, 0))],
      ['empty', (key: string) => raw.set(key, '')],
      ['a list', (key: string) => raw.multi().del(key).rpush(key, 'a').exec()],
    ])('that are %s are not taken for one, and are put right', async (_, spoil) => {
      const { vectors, behind } = await connected();
      vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      await spoil((await raw.keys('*'))[0]!);
      expect(await vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
      expect(behind.asked).toHaveLength(1);
      await expect
        .poll(async () => {
          const before = behind.asked.length;
          await vectors.read(here, hashOf('a robin'));
          return behind.asked.length - before;
        })
        .toBe(0);
    });

    test('of a space in which something was erased go, those of others stay', async () => {
      const { vectors } = await connected();
      for (const text of ['a robin', 'a wren']) vectors.keep(here, hashOf(text), vectorOf(text));
      vectors.keep(there, hashOf('a robin'), vectorOf('a robin'));
      await written(3);
      vectors.forget?.(here);
      await written(1);
      const after = await connected();
      expect(await after.vectors.read(there, hashOf('a robin'))).toBeDefined();
      expect(await after.vectors.read(here, hashOf('a robin'))).toBeUndefined();
    });

    test('that were to be forgotten while Redis was away are gone once it is back, and not seen in between', async () => {
      const { redis, vectors } = await connected();
      vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      await wire.cut();
      await isUp(redis, false);
      vectors.forget?.(here);
      await wire.mend();
      await written(0);
      // What is written while it still looks for more to forget is not kept: the next one is.
      const keptAgain = () => {
        vectors.keep(here, hashOf('a wren'), vectorOf('a wren'));
        return raw.dbsize();
      };
      await expect.poll(keptAgain, { interval: 5 }).toBe(1);
    });
  });

  describe('counts', () => {
    test('are of all processes together, by name, and begin anew when their time is over', async () => {
      const [first, second] = [await connected(), await connected()];
      const counts = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? first : second).redis.count('key 1', 60_000)),
      );
      expect(counts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, index) => index + 1),
      );
      for (const { remainingMs } of counts) {
        expect(remainingMs).toBeGreaterThan(0);
        expect(remainingMs).toBeLessThanOrEqual(60_000);
      }
      expect(await first.redis.count('key 2', 100)).toMatchObject({ count: 1 });
      expect(await raw.keys('*')).toEqual([1, 2].map(() => expect.stringMatching(/^anima:count:[\w-]{43}$/)));
      await expect.poll(() => raw.dbsize(), { interval: 20 }).toBe(1);
      expect(await first.redis.count('key 2', 100)).toMatchObject({ count: 1 });
    });

    test('that lost their end get another: no key is locked out for ever', async () => {
      const { redis } = await connected();
      await redis.count('key 1', 60_000);
      await raw.persist((await raw.keys('*'))[0]!);
      expect(await redis.count('key 1', 60_000)).toEqual({ count: 2, remainingMs: 60_000 });
      expect(await raw.pttl((await raw.keys('*'))[0]!)).toBeGreaterThan(0);
    });

    test('that are not numbers are none', async () => {
      const { redis } = await connected();
      await redis.count('key 1', 60_000);
      await raw.set((await raw.keys('*'))[0]!, 'many');
      await expect(redis.count('key 1', 60_000)).rejects.toThrow();
    });
  });

  describe('that goes away in the midst of it', () => {
    const ask = async ({ vectors, redis }: ReturnType<typeof open>, times: number) => {
      const known = await Promise.all(Array.from({ length: times }, () => vectors.read(here, hashOf('a robin'))));
      expect(known).toEqual(Array(times).fill(vectorOf('a robin')));
      return Promise.allSettled(Array.from({ length: times }, () => redis.count('key 1', 60_000)));
    };

    test('nothing fails, nothing waits, one line says so, and another that it is back', async () => {
      const one = await connected();
      one.vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      const underWay = ask(one, 200);
      await wire.cut();
      await underWay;
      await isUp(one.redis, false);
      const since = performance.now();
      const counts = await ask(one, 2_000);
      expect(counts.every(({ status }) => status === 'rejected')).toBe(true);
      expect((performance.now() - since) / 4_000).toBeLessThan(1);
      expect(await one.redis.examine()).toMatchObject({ subject: 'redis', status: 'warning' });
      await wire.mend();
      await isUp(one.redis);
      expect((await one.redis.count('key 1', 60_000)).count).toBeGreaterThan(0);
      expect(messages(one.lines)).toEqual([isThere, isNotThere, isThere]);
      expect(await one.redis.examine()).toMatchObject({ status: 'ok' });
    });

    test('or hangs: what waits goes on, the connection is cut, and nobody waits until it answers again', async () => {
      const one = await connected();
      one.vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
      await written(1);
      wire.hold();
      await ask(one, 50);
      await isUp(one.redis, false);
      // Connections are made meanwhile, and given up: nobody hears of it, and nobody waits.
      const { asked } = one.behind;
      const since = performance.now();
      await ask(one, 2_000);
      expect((performance.now() - since) / 4_000).toBeLessThan(1);
      expect(asked.length).toBeGreaterThanOrEqual(2_050);
      wire.release();
      await isUp(one.redis);
      expect(one.redis.reading().failures).toBeGreaterThanOrEqual(100);
      expect(messages(one.lines).filter((line) => !line.startsWith('warn Redis does not do'))).toEqual([
        ...[isThere, isNotThere, isThere],
      ]);
      expect(one.lines.length).toBeLessThanOrEqual(5);
    });
  });

  test('that refuses to write is read, and the log hears of it once, without keys or values', async () => {
    const one = await connected();
    one.vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
    await written(1);
    await raw.config('SET', 'maxmemory-policy', 'noeviction');
    await raw.config('SET', 'maxmemory', '1');
    try {
      for (let times = 0; times < 100; times += 1)
        one.vectors.keep(here, hashOf(String(times)), vectorOf(String(times)));
      await expect(one.redis.count('key 1', 60_000)).rejects.toThrow('OOM');
      expect(await one.vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
      expect(one.behind.asked).toEqual([]);
      expect(await one.redis.examine()).toMatchObject({ status: 'warning', message: expect.stringContaining('OOM') });
    } finally {
      await raw.config('SET', 'maxmemory', '0');
    }
    expect(one.lines.slice(1)).toEqual([{ level: 'warn', fields: { reason: 'OOM' }, message: expect.any(String) }]);
    expect(one.redis.reading()).toMatchObject({ isUp: true, failures: 101 });
  });
});

describe('without a Redis at its address', () => {
  const sockets = new Set<Socket>();
  const says = (answer: string | undefined) => (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', () => answer === undefined || socket.write(answer));
  };
  const others = {
    'nobody listens': undefined,
    'nothing is ever said': says(undefined),
    'something else is said': says('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'everything is refused': says('-NOAUTH Authentication required.\r\n'),
    'connections break at once': (socket: Socket) => void socket.on('error', () => undefined).resetAndDestroy(),
  };

  test.each(Object.entries(others))('where %s, everything goes on, and one line says so', async (_, behave) => {
    const server = createServer(behave).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (!behave) server.close();
    const one = open(`redis://127.0.0.1:${port}`);
    one.vectors.keep(here, hashOf('a robin'), vectorOf('a robin'));
    expect(await one.vectors.read(here, hashOf('a robin'))).toEqual(vectorOf('a robin'));
    await expect(one.redis.count('key 1', 60_000)).rejects.toThrow('Redis is not there');
    await expect.poll(() => one.lines.length, { timeout: 10_000 }).toBe(1);
    // It is tried again, and that is no news.
    await expect.poll(() => one.redis.examine(), { timeout: 10_000 }).toMatchObject({ status: 'warning' });
    expect(messages(one.lines)).toEqual([isNotThere]);
    expect(one.lines[0]!.fields).toEqual({ reason: expect.stringMatching(/./) });
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
