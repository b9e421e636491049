import type { AppRouter } from '@anima/api';
import * as core from '@anima/core';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readEnv } from '../src/env.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { type JsonSchema, marker, valuesOf } from './json-schema-values.ts';

type Paths = AppRouter['_def']['record'];

/** What each procedure takes; the types refuse a table that leaves one out. */
const procedures = {
  memories: {
    add: core.addInput,
    addMany: core.addManyInput,
    query: core.queryInput,
    cite: core.citeInput,
    bootstrap: core.bootstrapInput,
    get: core.getInput,
    list: core.listInput,
    update: core.updateInput,
    forget: core.changeInput,
    restore: core.changeInput,
    erase: core.changeInput,
    setTier: core.setTierInput,
    mark: core.markInput,
    history: core.historyInput,
    tierHistory: core.historyInput,
    receipt: core.receiptInput,
    merges: core.mergesInput,
    unmerge: core.unmergeInput,
    catalysts: core.catalystsInput,
    potentialCatalysts: core.potentialCatalystsInput,
  },
  associations: {
    discover: core.discoverInput,
    graph: core.graphInput,
    hubs: core.hubsInput,
    network: core.networkInput,
    networkStats: core.networkStatsInput,
  },
  events: { list: core.logInput, get: core.logEventInput, tail: core.tailInput },
  jobs: { list: core.jobsInput, retry: core.retryJobInput },
  spaces: {
    list: core.listSpacesInput,
    overview: core.overviewInput,
    activity: core.activityInput,
    describe: core.spaceInput,
    configure: core.configureInput,
    consolidate: core.consolidateInput,
    reembed: core.reembedInput,
    cancelReembed: core.cancelReembedInput,
    export: core.exportInput,
    stageImport: core.stageImportInput,
    applyImport: core.applyImportInput,
  },
  meta: {
    ...{ health: undefined, whoAmI: undefined, cacheStats: undefined, metrics: undefined, doctor: undefined },
    ...{ settings: undefined, live: undefined },
  },
  bench: { record: core.recordBenchInput, list: core.listBenchInput, get: core.getBenchInput },
  keys: { create: core.createKeyInput, list: undefined, revoke: core.revokeKeyInput },
  projections: { checkpoints: undefined, rebuild: z.strictObject({ verify: z.boolean(), full: z.boolean() }) },
  archive: { sizes: undefined, run: z.strictObject({ dryRun: z.boolean() }) },
} satisfies { readonly [Group in keyof Paths]: { readonly [Name in keyof Paths[Group]]: z.ZodType | undefined } };

/** They never end; that they are refused is what can be seen of them. */
const endless = ['events.tail', 'meta.live'];
const mutations =
  /^(memories\.(add|addMany|query|cite|update|forget|restore|erase|setTier|mark|unmerge)|jobs\.retry|bench\.record|keys\.(create|revoke)|projections\.rebuild|archive\.run|spaces\.(configure|consolidate|reembed|cancelReembed|stageImport|applyImport))$/;

/** Longest that any answer may take, ms. */
const patienceMs = 20_000;
/** More of them find more. */
const numRuns = Number(process.env.ANIMA_TEST_RUNS ?? 3);
/** The same inputs in every run; a failure names them. */
const seed = 20_261_122;

let server: RunningServer;
const logged: string[] = [];

beforeAll(async () => {
  const source = { ANIMA_DATA_DIR: 'memory://', PORT: '0', SHED_ABOVE_MS: '0' };
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  server = await startServer(readEnv(source), log, source);
});
afterAll(() => server.close());

/** Asks, and holds what comes back against what every answer must be. */
async function ask(what: string, path: string, init: RequestInit, isEndless = false): Promise<void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), ending.signal]);
  const response = await fetch(`${server.url}${path}`, { ...init, signal });
  const isRefused = response.headers.get('content-type')?.includes('json') ?? false;
  const body = isEndless && !isRefused ? '' : await response.text();
  ending.abort();
  expect(response.status, `${what}: ${body.slice(0, 300)}`).not.toBe(500);
  expect(body, what).not.toContain('"code":"INTERNAL"');
}

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body) ?? 'null',
});

const schemaOf = (input: z.ZodType) => z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

test('whatever a procedure is sent, it answers, and never with a defect', { timeout: 300_000 }, async () => {
  for (const [group, ofGroup] of Object.entries(procedures)) {
    for (const [name, input] of Object.entries(ofGroup) as [string, z.ZodType | undefined][]) {
      const path = `${group}.${name}`;
      const values = input ? valuesOf(schemaOf(input)) : fc.jsonValue({ maxDepth: 1 });
      await fc.assert(
        fc.asyncProperty(values, async (value) => {
          const query = `?input=${encodeURIComponent((JSON.stringify(value) ?? '').slice(0, 6_000).toWellFormed())}`;
          const isEndless = endless.includes(path);
          if (mutations.test(path)) await ask(path, `/trpc/${path}`, json('POST', value));
          else await ask(path, `/trpc/${path}${query}`, {}, isEndless);
        }),
        { numRuns, seed, interruptAfterTimeLimit: 20_000 },
      );
    }
  }
});

interface OpenApi {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[];
        readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
      }
    >
  >;
}

test('whatever a route is sent, it answers, and never with a defect', { timeout: 300_000 }, async () => {
  const { paths } = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as OpenApi;
  expect(Object.keys(paths).length).toBeGreaterThan(35);
  const texts = (value: unknown) =>
    encodeURIComponent(
      (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 2_000).toWellFormed(),
    );
  for (const [route, methods] of Object.entries(paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(methods)) {
      const body = requestBody?.content['application/json'].schema;
      const given = fc.record({
        parameters: fc.tuple(...parameters.map(({ schema }) => valuesOf(schema))),
        body: body ? valuesOf(body) : fc.constant(undefined),
      });
      await fc.assert(
        fc.asyncProperty(given, async ({ parameters: values, body: sent }) => {
          let path = route;
          const query: string[] = [];
          parameters.forEach(({ name, in: where }, index) => {
            if (where === 'path') path = path.replace(`{${name}}`, texts(values[index]) || 'x');
            else if (where === 'query') query.push(`${encodeURIComponent(name)}=${texts(values[index])}`);
          });
          const chosen = query.filter((_, index) => (index * 7 + query.length) % 3 !== 0);
          const init = requestBody ? json(method.toUpperCase(), sent) : { method: method.toUpperCase() };
          await ask(`${method} ${route}`, `${path}?${chosen.join('&')}`, init);
        }),
        { numRuns, seed, interruptAfterTimeLimit: 20_000 },
      );
    }
  }
});

test('bodies that are no JSON, or no sane one, are refused', async () => {
  const bodies = [
    '',
    '{',
    '[]',
    '"',
    '\0',
    '{"content":"a",}',
    `${'['.repeat(500_000)}`,
    `{"content":"${'\\u0000'.repeat(100)}"}`,
  ];
  bodies.push(
    '{"__proto__":{"content":"a"}}',
    '{"constructor":{"prototype":{}},"content":"a"}',
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  );
  for (const path of [
    '/api/v1/memories/add',
    '/trpc/memories.add',
    '/trpc/memories.add,memories.add?batch=1',
    '/mcp',
  ]) {
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      await ask(`${path} ${body.slice(0, 40)}`, path, { method: 'POST', headers, body });
    }
  }
});

test('nothing of what was sent stands in the log', () => {
  expect(logged.length).toBeGreaterThan(100 * numRuns);
  const telling = logged.filter((line) => line.includes(marker));
  expect(telling.slice(0, 3)).toEqual([]);
});
