import { expect, it } from 'vitest';
import { createAnimaClient } from '../src/index.ts';
import { stubFetch, succeed } from './stub-fetch.ts';

const url = 'http://anima.test/';
const client = () => {
  const stub = stubFetch((_, request) => succeed(request));
  return { ...stub, anima: createAnimaClient({ url, fetch: stub.fetch }) };
};

it('calls of one tick share a request', async () => {
  const { anima, requests } = client();
  const echoes = await Promise.all([
    anima.memories.add.mutate({ content: 'one' }),
    anima.memories.query.mutate({ query: 'two' }),
    anima.memories.add.mutate({ content: 'three' }),
  ]);
  expect(requests.map(({ url }) => url.href)).toEqual([
    'http://anima.test/trpc/memories.add,memories.query,memories.add?batch=1',
  ]);
  expect(echoes).toMatchObject([{ content: 'one' }, { query: 'two' }, { content: 'three' }]);
});

it('a batch stays below the size that the server takes: ten calls at most', async () => {
  const { anima, requests } = client();
  await Promise.all(Array.from({ length: 25 }, (_, n) => anima.memories.add.mutate({ content: `memory ${n}` })));
  expect(requests.map(({ inputs }) => inputs.length)).toEqual([10, 10, 5]);
});

it('addMany, large itself, travels alone', async () => {
  const { anima, requests } = client();
  await Promise.all([
    anima.memories.addMany.mutate({ memories: [{ content: 'one' }] }),
    anima.memories.addMany.mutate({ memories: [{ content: 'two' }] }),
  ]);
  expect(requests.map(({ url }) => url.href)).toEqual(Array(2).fill('http://anima.test/trpc/memories.addMany'));
});

it('lines of an import, large themselves, travel alone', async () => {
  const { anima, requests } = client();
  const lines = { space: 'ada', digest: 'ab'.repeat(32), after: 0, lines: ['{}'] };
  await Promise.all([anima.spaces.stageImport.mutate(lines), anima.memories.add.mutate({ content: 'one' })]);
  expect(requests.map(({ url }) => url.pathname).toSorted()).toEqual([
    '/trpc/memories.add',
    '/trpc/spaces.stageImport',
  ]);
});

it('URLs stay below what servers take', async () => {
  const { anima, requests } = client();
  const space = 'ü'.repeat(100);
  await Promise.all(Array.from({ length: 20 }, () => anima.memories.bootstrap.query({ space })));
  expect(requests.length).toBeGreaterThan(1);
  for (const { url } of requests) expect(url.href.length).toBeLessThanOrEqual(8_000);
});

it('an API key is sent as a bearer token, and none when there is none', async () => {
  const { fetch, requests } = stubFetch((_, request) => succeed(request));
  await createAnimaClient({ url, fetch, apiKey: 'secret' }).meta.health.query();
  await createAnimaClient({ url, fetch }).meta.health.query();
  expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer secret', null]);
});
