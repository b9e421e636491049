import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnv } from '../src/env.ts';
import { telemetrySettings } from '../src/telemetry/settings.ts';
import { type Collector, type SentSpan, startCollector } from './collector.ts';
import { type HeldModel, startHeldModel } from './held-model.ts';
import { launch } from './launch.ts';

const endpoint = 'http://127.0.0.1:9';
/** The caller's own span. */
const traceId = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const callerId = 'feedfacefeedface';
const said = {
  content: 'The heron nests beside the mill',
  query: 'Whose nest overhangs the weir?',
  space: 'mill-of-ada',
};

describe('a server whose collector is set', () => {
  let collector: Collector;
  let model: HeldModel;
  let folder: string;
  let spans: SentSpan[];
  let logged: readonly Readonly<Record<string, unknown>>[];
  let exposed: string;
  const childrenOf = (parent: SentSpan) => spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
  const requestSpan = (id: string) => spans.find(({ attributes }) => attributes['anima.request_id'] === id)!;

  // One life of a server for all of this: what it did not send before, it sends when it stops.
  beforeAll(async () => {
    collector = await startCollector();
    model = await startHeldModel();
    folder = await mkdtemp(join(tmpdir(), 'anima-telemetry-'));
    const server = launch({
      ...{ ANIMA_DATA_DIR: join(folder, 'data'), ANIMA_CACHE_DIR: process.env.ANIMA_CACHE_DIR ?? '' },
      ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url },
      ...{ ADD_EMBED_BUDGET_MS: '60000', QUERY_EMBED_BUDGET_MS: '60000', LOG_LEVEL: 'debug' },
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=ada%20%26%20co',
      OTEL_SERVICE_NAME: 'memory-of-tests',
    });
    const url = await server.ready;
    const post = async (path: string, body: object, headers: Record<string, string>, status = [200, 201]) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const response = await fetch(url + path, { ...init, headers: { ...init.headers, ...headers } });
      expect(status, await response.text()).toContain(response.status);
    };
    const { content, query, space } = said;
    const traceparent = `00-${traceId}-${callerId}-01`;
    await post('/api/v1/memories/add', { content, space }, { 'x-request-id': 'an-add' });
    await post('/api/v1/memories/query', { query, space }, { 'x-request-id': 'a-query', traceparent });
    await post('/trpc/memories.query', { query, space }, { 'x-request-id': 'the-same-query' });
    const tool = { name: 'search_memories', arguments: { query, space } };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: tool };
    await post('/mcp', call, { 'x-request-id': 'a-tool', accept: 'application/json, text/event-stream' });
    const cite = { recallId: crypto.randomUUID(), memoryIds: [crypto.randomUUID()], space };
    await post('/api/v1/memories/cite', cite, { 'x-request-id': 'a-refusal' }, [404]);
    for (;;) {
      const { folds } = (await (await fetch(`${url}/api/v1/meta/metrics`)).json()) as { folds: { lagEvents: number } };
      if (folds.lagEvents === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    exposed = await (await fetch(`${url}/metrics`)).text();
    server.process.kill('SIGTERM');
    const { code, stdout } = await server.ended;
    expect(code).toBe(0);
    logged = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    spans = collector.spans();
  });
  afterAll(async () => {
    model.close();
    collector.close();
    await rm(folder, { recursive: true });
  });

  it('one query is one trace, under the span of its caller: open, embed, search, append, read', () => {
    const request = requestSpan('a-query');
    expect(request).toMatchObject({
      ...{ name: 'POST /api/v1/memories/query', kind: 2, traceId, parentSpanId: callerId },
      attributes: { 'http.route': '/api/v1/memories/query', 'http.response.status_code': 200 },
    });
    const [query, ...others] = childrenOf(request);
    expect(others).toEqual([]);
    expect(query).toMatchObject({ name: 'query', traceId });
    const parts = childrenOf(query!);
    expect(parts.map(({ name }) => name).toSorted()).toEqual(['append', 'embed', 'open space', 'read', 'search']);
    expect(parts.find(({ name }) => name === 'embed')?.attributes).toEqual({
      'anima.embedding.provider': 'ollama',
      'anima.embedding.model': 'nomic-embed-text',
      'anima.embedding.texts': 1,
      'anima.embedding.cached': 0,
    });
    expect(spans.filter((span) => span.traceId === traceId)).toHaveLength(7);
  });

  it('every face leads to the same operation', () => {
    const faces = ['a-query', 'the-same-query', 'a-tool'].map((id) => requestSpan(id));
    expect(faces.map(({ name }) => name)).toEqual(['POST /api/v1/memories/query', 'POST /trpc/:path', 'POST /mcp']);
    for (const face of faces) expect(childrenOf(face)).toMatchObject([{ name: 'query' }]);
  });

  it('an add shows what it waits for, and the second query that its vector was known', () => {
    const [add] = childrenOf(requestSpan('an-add'));
    const parts = childrenOf(add!).map(({ name }) => name);
    expect(parts.toSorted()).toEqual(['append', 'embed', 'open space', 'read', 'save vectors']);
    const [query] = childrenOf(requestSpan('the-same-query'));
    const embed = childrenOf(query!).find(({ name }) => name === 'embed');
    expect(embed?.attributes['anima.embedding.cached']).toBe(1);
  });

  it('what is refused is the caller’s failure: the operation says its code, the request is no error', () => {
    const request = requestSpan('a-refusal');
    expect(request.attributes['http.response.status_code']).toBe(404);
    expect(request.status?.code ?? 0).toBe(0);
    const [cite] = childrenOf(request);
    expect(cite).toMatchObject({ name: 'cite', status: { code: 2 }, attributes: { 'error.type': 'NOT_FOUND' } });
  });

  it('a fold is followed by itself, with its shard and how many events it took', () => {
    for (const name of ['fold memory_state', 'fold associations']) {
      const folds = spans.filter((span) => span.name === name);
      expect(folds.every(({ parentSpanId }) => !parentSpanId)).toBe(true);
      expect(new Set(folds.map(({ attributes }) => attributes['anima.shard'])).size).toBe(1);
      const events = folds.map(({ attributes }) => Number(attributes['anima.events']));
      expect(events.reduce((sum, count) => sum + count, 0)).toBe(4);
    }
  });

  it('lines of the log carry the trace and the span in which they were written, others none', () => {
    const line = logged.find(({ requestId }) => requestId === 'a-query');
    expect(line).toMatchObject({ msg: 'request', trace_id: traceId, span_id: requestSpan('a-query').spanId });
    expect(logged.find(({ msg }) => msg === 'listening')).not.toHaveProperty('trace_id');
  });

  it('what was said, asked and named is in nothing that was sent, and probes and scrapers are not followed', () => {
    const sent = collector.bodies.join('\n');
    for (const word of Object.values(said).flatMap((text) => text.split(/\W+/).filter(({ length }) => length > 3))) {
      expect(sent).not.toMatch(new RegExp(`\\b${word}\\b`));
    }
    const names = spans.map(({ name }) => name);
    expect(names).toContain('GET /api/v1/meta/metrics');
    expect(names).not.toContain('GET /metrics');
  });

  it('metrics are those of /metrics, counted once', () => {
    const metrics = collector.metrics();
    const types = [...exposed.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const withValues = types.filter((name) => new RegExp(`^${name}(_count)?[ {]`, 'm').test(exposed));
    expect([...metrics.keys()].toSorted()).toEqual(expect.arrayContaining(withValues));
    const durations = metrics.get('anima_operation_duration_seconds')!;
    const query = durations.find(({ attributes }) => attributes.operation === 'query');
    expect(query).toMatchObject({ count: 3, attributes: { operation: 'query', status: 'ok' } });
    expect(query!.bucketCounts!.reduce((sum, count) => sum + Number(count), 0)).toBe(3);
    expect(metrics.get('anima_embedding_cache_hits_total')).toMatchObject([{ asDouble: 2 }]);
    expect(metrics.get('anima_db_up')).toMatchObject([{ asDouble: 1 }]);
  });

  it('the collector hears who sends, with the headers that it asks for', () => {
    expect(collector.headers.every((sent) => sent['x-team'] === 'ada & co')).toBe(true);
    expect(new Set(collector.headers.map(({ path }) => path))).toEqual(new Set(['/v1/traces', '/v1/metrics']));
    expect(collector.resource()).toMatchObject({
      ...{ 'service.name': 'memory-of-tests', 'anima.role': 'all', 'service.instance.id': expect.any(String) },
    });
  });
});

describe('without a collector', () => {
  /** Says which modules of OpenTelemetry a process loads; its empty interface comes with what makes Prometheus' text. */
  const watch = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) {
      if (/node_modules\\/@opentelemetry\\/(?!api\\/)/.test(url)) process.stderr.write('LOADED ' + url + '\\n');
      return next(url, context);
    } });`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(watch)}`;
  // It gets as far as its database, after everything that follows requests.
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:9/none';

  it('nothing of OpenTelemetry is in the process', async () => {
    const { stderr } = await launch({ DATABASE_URL, NODE_OPTIONS }).ended;
    expect(stderr).toContain('Anima cannot start: DATABASE_URL');
    expect(stderr).not.toContain('LOADED');
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' };
    expect(telemetrySettings(readEnv(disabled))).toBeUndefined();
  });

  it('with one that is gone, it is, and a start that fails ends all the same', async () => {
    const { code, stderr } = await launch({ DATABASE_URL, NODE_OPTIONS, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('LOADED');
  });
});

describe('settings', () => {
  const settings = (source: Record<string, string>) => telemetrySettings(readEnv(source));

  it('one endpoint is the begin of two addresses, one of a signal is an address', () => {
    expect(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/otel/` })).toMatchObject({
      traces: { url: `${endpoint}/otel/v1/traces`, sampler: 'parentbased_always_on' },
      metrics: { url: `${endpoint}/otel/v1/metrics`, everyMs: 60_000 },
      problems: [],
    });
    expect(settings({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint}/mine` })).toMatchObject({
      ...{ traces: undefined, metrics: { url: `${endpoint}/mine` } },
    });
  });

  it('a signal without exporter is not sent', () => {
    const source = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' };
    expect(settings(source)).toMatchObject({ traces: undefined, metrics: { everyMs: 60_000 } });
    expect(settings({ ...source, OTEL_METRICS_EXPORTER: 'console' })).toBeUndefined();
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is none of http/protobuf, http/json', true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'an OTEL_EXPORTER_OTLP_…ENDPOINT is no http://', true],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER is none of always_on', false],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is not a number that it may be', false],
  ])('%o, which is not for Anima, is told of and stops no start', (source, problem, isOff) => {
    const understood = settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...source });
    expect(understood?.problems[0]).toContain(problem);
    expect(understood?.traces === undefined).toBe(isOff);
  });
});
