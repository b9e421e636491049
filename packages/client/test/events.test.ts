import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestTo } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnimaClient, createAnimaClient, eventsOf } from '../src/index.ts';
import { startScratchServer } from '../src/node/scratch-server.ts';
import type { RunningServer } from '../src/node/start-server.ts';

let server: RunningServer;
let anima: AnimaClient;

beforeAll(async () => {
  server = await startScratchServer(process.env);
  anima = createAnimaClient({ url: server.url });
}, 60_000);
afterAll(() => server.stop());

const add = (space: string, ...contents: string[]) =>
  anima.memories.addMany.mutate({ memories: contents.map((content) => ({ content })), space });

/** What comes through it can be cut off in the middle. */
async function cuttable() {
  const open = new Set<Socket>();
  const proxy = createServer(async (incoming, outgoing) => {
    open.add(incoming.socket);
    const forwarded = requestTo(new URL(incoming.url ?? '/', server.url), { headers: incoming.headers }).end();
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing).once('close', () => forwarded.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url,
    cut: () => {
      for (const socket of open) socket.destroy();
      open.clear();
    },
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

test('every event comes once and in order, however much came at once and however often the line is cut', async () => {
  const space = 'all';
  // More than one step has room for.
  for (let from = 0; from < 500; from += 100) {
    await add(space, ...Array.from({ length: 100 }, (_, index) => `number ${from + index}`));
  }
  const line = await cuttable();
  const positions: number[] = [];
  for await (const { position, type } of eventsOf(createAnimaClient({ url: line.url }), { space, after: 0 })) {
    expect(type).toBe('memory.added');
    positions.push(position);
    if (positions.length === 500 || positions.length === 501) {
      line.cut();
      await add(space, `while the line was down ${positions.length}`);
    }
    if (positions.length === 502) break;
  }
  line.close();
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
  expect(positions).toHaveLength(502);
}, 60_000);

test('only the events asked for come, from now on, until the signal', async () => {
  const space = 'some';
  await add(space, 'before anybody looked');
  const controller = new AbortController();
  const types: string[] = [];
  const selection = { space, types: ['memory.accessed' as const] };
  const heard = (async () => {
    for await (const { type } of eventsOf(anima, selection, { signal: controller.signal })) {
      types.push(type);
      controller.abort();
    }
  })();
  // It begins when the server says so: what is asked until then may go by.
  while (types.length === 0) {
    await add(space, 'something else');
    await anima.memories.query.mutate({ query: 'before', space });
  }
  await heard;
  expect(types).toEqual(['memory.accessed']);
}, 60_000);

test('a request that is refused, and a server that was never there, are errors', async () => {
  const first = (client: AnimaClient, request: object) => eventsOf(client, request).next();
  await expect(first(anima, { space: '' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  const nobody = createAnimaClient({ url: 'http://127.0.0.1:9' });
  await expect(first(nobody, {})).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
}, 30_000);
