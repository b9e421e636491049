import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A network between servers and their database, which may be slow and may break. */
export interface Network extends AsyncDisposable {
  /** The database's own URL, by way of this. */
  readonly url: string;
  /** What every packet takes longer, each way, ms. */
  delayMs: number;
  /** Breaks every connection. */
  cut(): void;
}

export async function startNetwork(databaseUrl: string): Promise<Network> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      // What breaks on one side breaks on the other.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      let sent = Promise.resolve();
      from.on('data', (chunk) => {
        const arrived = Date.now();
        const { delayMs } = network;
        // One after the other, also when the delay has become less meanwhile.
        sent = sent.then(async () => {
          const leftMs = arrived + delayMs - Date.now();
          if (leftMs > 0) await sleep(leftMs);
          to.write(chunk);
        });
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const network: Network = {
    url: url.href,
    delayMs: 0,
    cut,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
  return network;
}
