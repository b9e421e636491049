import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

const dimensions = 1536;

/** A model that speaks OpenAI's protocol, and tells what it was asked for. */
export interface OpenAiModel {
  /** What a server needs to use it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly asked: readonly string[];
  close(): void;
}

export async function startOpenAiModel(): Promise<OpenAiModel> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { input } = (await json(request)) as { input: string[] };
    asked.push(...input);
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: base64(vectorOf(text)) }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', model: 'served', data }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      EMBEDDING_PROVIDER: 'openai',
      OPENAI_API_KEY: 'any',
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_MODEL: 'text-embedding-3-small',
    },
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Another one for each text. */
function vectorOf(text: string): Float32Array {
  const bytes = hash('sha256', text, 'buffer');
  return Float32Array.from({ length: dimensions }, (_, index) => (bytes[index % bytes.length] ?? 0) - 127.5);
}

function base64(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString('base64');
}
