import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 is internal, 2 that of a server. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 is an error. */
  readonly status?: { readonly code?: number };
}

interface SentPoint {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly count?: number;
  readonly bucketCounts?: readonly number[];
  readonly asDouble?: number;
}

/** What OpenTelemetry's collector takes by HTTP and JSON, kept as it came. */
export interface Collector {
  readonly url: string;
  /** Every body, as text. */
  readonly bodies: readonly string[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  spans(): SentSpan[];
  /** The last that was sent of each metric. */
  metrics(): Map<string, readonly SentPoint[]>;
  /** Of the process that sent. */
  resource(): Readonly<Record<string, unknown>>;
  close(): void;
}

interface Pair {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const plain = (pairs: readonly Pair[] = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

// biome-ignore lint/suspicious/noExplicitAny: the protocol's JSON, of which a test looks at a little
type Json = any;

export async function startCollector(): Promise<Collector> {
  const bodies: string[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    headers.push({ path: request.url, ...request.headers });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const documents = (): Json[] => bodies.map((body) => JSON.parse(body));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    spans: () =>
      documents()
        .flatMap(({ resourceSpans = [] }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map((span) => ({ ...span, attributes: plain(span.attributes) })),
    metrics: () => {
      const sent = documents()
        .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics);
      return new Map(
        sent.map(({ name, sum, gauge, histogram }) => [
          name,
          (sum ?? gauge ?? histogram).dataPoints.map((point: Json) => ({
            ...point,
            attributes: plain(point.attributes),
          })),
        ]),
      );
    },
    resource: () => {
      const [{ resourceSpans, resourceMetrics }] = documents() as [Json];
      return plain((resourceSpans ?? resourceMetrics)[0].resource.attributes);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
