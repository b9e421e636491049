import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How the server deals with one request; vectors are what it believes to be its answer. */
type Behaviour =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly vectors: (texts: readonly string[]) => readonly unknown[] }
  | { readonly garbage: string }
  | { readonly hold: Promise<void> }
  | 'reset'
  | 'cut'
  | 'stall';

interface ModelRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly texts: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ModelServer {
  readonly url: string;
  readonly requests: readonly ModelRequest[];
  /** Decides about each request; answers like a good model where it gives nothing. */
  behave: (request: ModelRequest, index: number) => Behaviour | undefined;
  stop(): Promise<void>;
}

/** A local server that speaks Ollama's `/api/embed` and OpenAI's `/v1/embeddings`. */
export async function startModelServer({ dimensions = 768, port = 0 } = {}): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const goodVectors = (texts: readonly string[]) =>
    texts.map((text) => Array.from({ length: dimensions }, (_, index) => (index === text.length % dimensions ? 2 : 0)));

  const http = createServer(async (incoming, response) => {
    const body = (await json(incoming)) as Record<string, unknown>;
    const path = incoming.url ?? '';
    const request = { path, authorization: incoming.headers.authorization, body, texts: body.input as string[] };
    requests.push(request);
    const behaviour = server.behave(request, requests.length - 1);
    if (behaviour === 'reset') return incoming.socket.destroy();
    if (behaviour === 'cut' || behaviour === 'stall') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{');
      if (behaviour === 'cut') setImmediate(() => response.destroy());
      return;
    }
    if (behaviour && 'status' in behaviour) {
      return reply(response, behaviour.status, behaviour.body ?? '{}', behaviour.headers);
    }
    if (behaviour && 'garbage' in behaviour) return reply(response, 200, behaviour.garbage);
    if (behaviour && 'hold' in behaviour) await behaviour.hold;
    const vectors = behaviour && 'vectors' in behaviour ? behaviour.vectors : goodVectors;
    const answer = path === '/api/embed' ? ollamaAnswer(vectors(request.texts)) : openAiAnswer(vectors(request.texts));
    reply(response, 200, JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));

  const server: ModelServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    behave: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function reply(response: ServerResponse, status: number, body: string, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

function ollamaAnswer(vectors: readonly unknown[]): object {
  return { model: 'served', embeddings: vectors, total_duration: 1, load_duration: 1, prompt_eval_count: 1 };
}

/** In reverse: OpenAI promises an index, not an order. */
function openAiAnswer(vectors: readonly unknown[]): object {
  const data = vectors.map((vector, index) => ({ object: 'embedding', index, embedding: base64(vector) }));
  return { object: 'list', model: 'served', data: data.toReversed(), usage: { prompt_tokens: 1, total_tokens: 1 } };
}

function base64(vector: unknown): unknown {
  return Array.isArray(vector) ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
}
