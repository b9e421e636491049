// Serves the console on the loopback interface, built first where its sources are others than last time. Reads
// ADMIN_PORT and ANIMA_URL. A parent process that holds a channel to this one is told where it is, what it waits
// for, and why it failed; when the channel closes, this process ends.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { consoleFolder, ensureBuilt } from './build.ts';

const hostname = '127.0.0.1';

type Message =
  | { readonly type: 'says'; readonly words: string }
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'failed'; readonly reason: string };

process.once('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));

try {
  tell({ type: 'ready', url: await serve(Number(process.env.ADMIN_PORT || 7180)) });
} catch (error) {
  tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

/** Listens at once, so that a port in use is known at once and who comes too early is told to wait. */
async function serve(port: number): Promise<string> {
  let answer: RequestListener = beingBuilt;
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, hostname, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  await ensureBuilt((words) => tell({ type: 'says', words }));
  const { default: next } = await import('next');
  const app = next({ dev: false, dir: consoleFolder, hostname, port: bound });
  await app.prepare();
  const handle = app.getRequestHandler();
  answer = (request, response) => void handle(request, response);
  return `http://${hostname}:${bound}`;
}

function beingBuilt(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '3', refresh: '3' });
  response.end('<!doctype html><title>Anima</title><p>The console is being built; this page comes back by itself.</p>');
}

function tell(message: Message): void {
  if (process.send) process.send(message);
  else if (message.type === 'ready') console.error(`The console is at ${message.url}`);
  else console.error(message.type === 'says' ? message.words : `The console cannot be served: ${message.reason}`);
}
