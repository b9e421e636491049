import { hash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const dimensions = 768;
const delayMs = 3_000;

/** A sentence model that speaks Ollama's `/api/embed`: its vectors are alike where texts share words. */
export interface ModelServer extends AsyncDisposable {
  /** What a server needs to use it. */
  readonly settings: Readonly<Record<string, string>>;
  /** As a model does, with an error, with something else, never, or after three seconds. */
  answers: 'well' | 'an error' | 'garbage' | 'other dimensions' | 'NaN' | 'nothing' | 'delay';
  /** Closes its port and breaks what is under way: nothing answers there until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startModel(): Promise<ModelServer> {
  let http: Server | undefined;
  let port = 0;
  const model: ModelServer = {
    get settings() {
      return {
        EMBEDDING_PROVIDER: 'ollama',
        OLLAMA_MODEL: 'nomic-embed-text',
        OLLAMA_URL: `http://127.0.0.1:${port}`,
      };
    },
    answers: 'well',
    async start() {
      http = createServer(async (request, response) => {
        const { input } = (await json(request)) as { input: string[] };
        const { answers } = model;
        if (answers === 'nothing') return;
        if (answers === 'delay') await sleep(delayMs);
        response.writeHead(answers === 'an error' ? 500 : 200, { 'content-type': 'application/json' });
        response.end(answerOf(answers, input.map(vectorOf)));
      });
      const listening = Promise.withResolvers<void>();
      http.once('error', listening.reject).listen(port, '127.0.0.1', listening.resolve);
      await listening.promise;
      port = (http.address() as AddressInfo).port;
    },
    async stop() {
      const closed = Promise.withResolvers<void>();
      http?.close(() => closed.resolve());
      http?.closeAllConnections();
      await closed.promise;
    },
    [Symbol.asyncDispose]: async () => {
      if (http?.listening) await model.stop();
    },
  };
  await model.start();
  return model;
}

function answerOf(answers: Exclude<ModelServer['answers'], 'nothing'>, vectors: readonly number[][]): string {
  switch (answers) {
    case 'well':
    case 'delay':
      return JSON.stringify({ embeddings: vectors });
    case 'an error':
      return JSON.stringify({ error: 'out of memory' });
    case 'garbage':
      return '{"embeddings": [[0.1, 0.';
    case 'other dimensions':
      return JSON.stringify({ embeddings: vectors.map((vector) => vector.slice(1)) });
    case 'NaN':
      // JSON makes null of it.
      return JSON.stringify({ embeddings: vectors.map((vector) => vector.with(0, Number.NaN)) });
  }
}

/** Each word adds to one place of the vector. */
function vectorOf(text: string): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const word of text.toLowerCase().match(/\w+/g) ?? ['nothing']) {
    const place = Number.parseInt(hash('sha256', word).slice(0, 8), 16) % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}
