import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { onTestFinished } from 'vitest';

export const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** How long one call may take, ms: the first may have to wait for a server to start. */
const timeout = 120_000;

export interface McpClient {
  readonly client: Client;
  /** What the client could not read on its side: all that is not protocol. */
  readonly faults: readonly Error[];
  /** The text of a tool's answer. */
  call(tool: string, args: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** The official client over stdio, with an `anima mcp` of its own. */
export function overStdio(env: Record<string, string>, ...args: readonly string[]): Promise<McpClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp', ...args],
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'ignore',
  });
  return connect(transport);
}

/** The official client over streamable HTTP. */
export function overHttp(url: string, space: string): Promise<McpClient> {
  return connect(new StreamableHTTPClientTransport(new URL(`/mcp?space=${space}`, url), { fetch: patientFetch }));
}

/** Does as it is told where more is asked than can be answered: a refused request changed nothing, and may come again. */
async function patientFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  for (;;) {
    const answer = await fetch(url, init);
    const after = answer.status === 503 ? answer.headers.get('retry-after') : null;
    if (after === null) return answer;
    await answer.body?.cancel();
    await sleep(1_000 * Number(after));
  }
}

async function connect(transport: Transport): Promise<McpClient> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const faults: Error[] = [];
  client.onerror = (error) => {
    faults.push(error);
  };
  await client.connect(transport, { timeout });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await client.close();
  };
  onTestFinished(close);
  return {
    client,
    faults,
    close,
    async call(tool, args) {
      const result = await client.callTool({ name: tool, arguments: args }, undefined, { timeout });
      const [first] = result.content as { type: string; text: string }[];
      if (result.isError) throw new Error(first?.text ?? 'no answer');
      return first?.text ?? '';
    },
  };
}
