import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model that speaks Ollama's protocol and answers at once, or, while it is held, when it is released. */
export interface HeldModel {
  readonly url: string;
  /** From now on nothing is answered; resolves at the first question that waits. */
  hold(): Promise<void>;
  release(): void;
  close(): void;
}

export async function startHeldModel(): Promise<HeldModel> {
  let held = Promise.resolve();
  let release = () => {};
  let onQuestion = () => {};
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    onQuestion();
    await held;
    const { input } = JSON.parse(body) as { input: string[] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ embeddings: input.map(() => [1, ...Array(767).fill(0)]) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold() {
      held = new Promise((resolve) => {
        release = resolve;
      });
      return new Promise((resolve) => {
        onQuestion = resolve;
      });
    },
    release: () => release(),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
