import { hash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const dimensions = 768;

const embedRequest = z.object({ input: z.array(z.string()) });

/** How long the model takes to answer a call, ms; `none` when nothing listens at its address. */
export type ModelDelay = number | 'none';

/** A sentence model that speaks Ollama's `/api/embed` and is as slow as it is told to be. */
export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  /** Calls that are under way are cut off when the model goes. */
  become(delay: ModelDelay): Promise<void>;
}

/** @param embed the vector of a text; without it, a bag of words */
export async function startModelServer(embed: (text: string) => number[] = vectorOf): Promise<ModelServer> {
  let delayMs = 0;
  let port = 0;
  let listening: Server | undefined;

  const start = async () => {
    const server = createServer(async (request, response) => {
      const { input } = embedRequest.parse(await json(request));
      await sleep(delayMs);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ embeddings: input.map(embed) }));
    });
    const started = Promise.withResolvers<void>();
    server.once('error', started.reject).listen(port, '127.0.0.1', started.resolve);
    await started.promise;
    port = (server.address() as AddressInfo).port;
    listening = server;
  };
  const stop = async () => {
    const stopped = Promise.withResolvers<void>();
    listening?.close(() => stopped.resolve());
    listening?.closeAllConnections();
    await stopped.promise;
    listening = undefined;
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    async become(delay) {
      if (delay === 'none') {
        if (listening) await stop();
        return;
      }
      delayMs = delay;
      if (!listening) await start();
    },
    [Symbol.asyncDispose]: async () => {
      if (listening) await stop();
    },
  };
}

/** Each word adds to one place of the vector, so that texts which share words are near each other. */
function vectorOf(text: string): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const word of text.toLowerCase().match(/\w+/g) ?? [text]) {
    const place = Number.parseInt(hash('sha256', word).slice(0, 8), 16) % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}
