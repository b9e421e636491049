import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What lies between a server and its Redis, as tests make it fail: cut, or alive and silent. */
export class Wire {
  readonly url: string;
  readonly #target: URL;
  readonly #port: number;
  #server: Server;
  readonly #sockets = new Set<Socket>();
  #isHeld = false;

  private constructor(target: URL, server: Server) {
    this.#target = target;
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    const url = new URL(target);
    [url.hostname, url.port] = ['127.0.0.1', String(this.#port)];
    this.url = url.href;
  }

  static async to(target: string): Promise<Wire> {
    const wire = new Wire(new URL(target), await listen(0));
    wire.#server.on('connection', (near) => wire.#join(near));
    return wire;
  }

  /** As when Redis is killed: connections break, and there is nobody to connect to. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server = await listen(this.#port);
    this.#server.on('connection', (near) => this.#join(near));
  }

  /** As when Redis hangs: connections stay, and can be made; no answer comes. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What was sent meanwhile is lost. */
  release(): void {
    this.#isHeld = false;
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (data) => this.#isHeld || to.write(data));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
