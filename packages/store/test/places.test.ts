import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bloomOf } from '../src/archive/bloom.ts';
import { openPlace } from '../src/archive/open-place.ts';
import { packLines, unpackLines } from '../src/archive/packed-lines.ts';
import type { ArchivePlace } from '../src/archive/place.ts';
import { type BucketServer, keys, startBucketServer } from './bucket-server.ts';

let folder: string;
let server: BucketServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-places-'));
  server = await startBucketServer();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => server.objects.clear());

const access = (more: object = {}) => ({ ...keys, endpoint: server.url, sessionToken: undefined, ...more });
const places: [string, () => ArchivePlace][] = [
  ['a folder', () => openPlace(pathToFileURL(join(folder, 'old events')).href, undefined)],
  ['a bucket', () => openPlace('s3://log/years of it', access())],
];
const lines = Array.from({ length: 5_000 }, (_, n) => `{"position":${n},"text":"${'é'.repeat(n % 50)}"}`);
const name = 'a-writer/shard-01/000000000001-0123456789ab.jsonl.gz';

describe.each(places)('%s', (_what, open) => {
  test('gives back what it was given, replaces it, and forgets it', async () => {
    const place = open();
    const path = join(folder, 'lines.gz');
    for (const given of [lines, lines.slice(0, 7)]) {
      const packed = await packLines(path, given);
      await place.put(name, path);
      const found: string[] = [];
      for await (const batch of unpackLines(await place.get(name), packed, name)) found.push(...batch);
      expect(found).toEqual(given);
    }
    await place.remove(name);
    await place.remove(name);
    await expect(place.get(name)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

test('a folder shows no file before it is whole', async () => {
  const place = openPlace(pathToFileURL(join(folder, 'broken')).href, undefined);
  await expect(place.put('a/b.gz', join(folder, 'is not there'))).rejects.toThrow('ENOENT');
  expect(await readdir(join(folder, 'broken'), { recursive: true })).toEqual(['a']);
});

test('a bucket is asked again while its service is busy, and what it refuses is said with its code', async () => {
  const path = join(folder, 'small');
  await writeFile(path, 'small');
  server.faults.push(503, 500);
  await openPlace('s3://log', access()).put(name, path);
  expect([...server.objects.keys()]).toEqual([`/log/${name}`]);
  await expect(openPlace('s3://log', access({ secretAccessKey: 'another' })).put(name, path)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('403 SignatureDoesNotMatch'),
  });
  await expect(openPlace('s3://log', access({ endpoint: 'http://127.0.0.1:1' })).get(name)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.not.stringContaining(keys.secretAccessKey),
  });
  expect(() => openPlace('s3://log', undefined)).toThrow('needs a key');
});

test('lines that are not those that were written are never all handed over', async () => {
  const path = join(folder, 'lines.gz');
  const packed = await packLines(path, lines);
  const read = async (of: Pick<typeof packed, 'lines' | 'sha256'>) => {
    const place = openPlace(pathToFileURL(folder).href, undefined);
    for await (const _ of unpackLines(await place.get('lines.gz'), of, 'lines.gz'));
  };
  await expect(read(packed)).resolves.toBeUndefined();
  await expect(read({ ...packed, lines: 4_999 })).rejects.toThrow('not what was written');
  await expect(read({ ...packed, sha256: 'ab' })).rejects.toThrow('not what was written');
});

test('a filter of memories knows each of them, and few others', () => {
  const id = (n: number) => `018f0000-0000-7000-8000-${(n * 2_654_435_761).toString(16).padStart(12, '0').slice(-12)}`;
  const bits = bloomOf(new Set(Array.from({ length: 1_000 }, (_, n) => id(n))));
  expect(bits.length).toBe(1_250);
  expect(bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)).toBeLessThan(5_500);
});
