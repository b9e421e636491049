// Serves the console, built first where its sources are others than last time. Reads ADMIN_PORT, ADMIN_HOST, ANIMA_URL
// and ANIMA_AUTH: only where keys are asked for does it listen on other addresses than the loopback's. A parent process that holds a channel to this one is told where it is, what it waits
// for, and why it failed; when the channel closes, this process ends.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { consoleFolder, ensureBuilt } from './build.ts';
import { protectPage } from './content-policy.ts';
import { gate } from './gate.ts';

const hostname = process.env.ADMIN_HOST || '127.0.0.1';
const isLocked = process.env.ANIMA_AUTH === 'on';

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
  if (!isLocked && !/^(127(\.\d{1,3}){3}|::1|localhost)$/.test(hostname)) {
    throw new Error('ADMIN_HOST is not 127.0.0.1, ::1 or localhost, so others can look: set ANIMA_AUTH=on');
  }
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
  const page: RequestListener = (request, response) => {
    protectPage(request, response);
    void handle(request, response);
  };
  answer = isLocked ? gate(process.env.ANIMA_URL ?? 'http://127.0.0.1:7100', page) : page;
  return `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${bound}`;
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
