import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const moods = ['answers', 'waits', 'refuses'] as const;
type Mood = (typeof moods)[number];

/** A sentence model that speaks Ollama's `/api/embed`, and is in the mood that it was last told by {@link become}. */
export async function startModel(): Promise<{ readonly url: string; close(): void }> {
  let mood: Mood = 'answers';
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === '/mood') {
      mood = moods.find((one) => one === body) ?? mood;
      for (const goOn of waiting) goOn();
      waiting.clear();
      response.end(mood);
      return;
    }
    const texts = (JSON.parse(body) as { readonly input: readonly string[] }).input;
    // Whether it is there at all it says at once.
    const isProbe = texts.every((one) => one.startsWith('probe '));
    if (mood === 'waits' && !isProbe) await new Promise<void>((resolve) => waiting.add(resolve));
    response.setHeader('content-type', 'application/json');
    if (mood === 'refuses') response.writeHead(401).end('{"error": "unauthorized"}');
    else response.end(JSON.stringify({ embeddings: texts.map(() => [1, ...Array(767).fill(0)]) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What waits goes on in the new mood. */
export async function become(modelUrl: string, mood: Mood): Promise<void> {
  await fetch(`${modelUrl}/mood`, { method: 'POST', body: mood });
}
