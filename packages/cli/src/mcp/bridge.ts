import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  isInitializeRequest,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { explain } from '../failure.ts';
import type { SharedServer } from './shared-server.ts';

/** How often a message is sent again when its server is gone, with growing pauses between. */
const retries = 4;
const firstPauseMs = 200;
/** The server takes a call that carries the same key again as one. */
const keyField = 'anima/idempotencyKey';

export interface Bridge {
  /** Ends once every request that came has been answered. */
  close(): Promise<void>;
}

/**
 * Passes messages between a client and the MCP of a server. When the server goes away, it is found or started again
 * and the messages under way are sent again: a call carries a key, so it takes effect once.
 */
export async function openBridge(client: Transport, server: SharedServer, space: string | undefined): Promise<Bridge> {
  const underWay = new Set<Promise<void>>();
  let upstream: { readonly url: string; readonly transport: StreamableHTTPClientTransport } | undefined;
  let sessionId: string | undefined;
  let protocolVersion: string | undefined;
  let initializing: JSONRPCRequest['id'] | undefined;

  const connected = async (): Promise<StreamableHTTPClientTransport> => {
    const url = await server.url();
    if (upstream?.url === url) return upstream.transport;
    void upstream?.transport.close();
    const transport = new StreamableHTTPClientTransport(mcpUrl(url, space), {
      ...(sessionId === undefined ? {} : { sessionId }),
      requestInit: { headers: authorization() },
    });
    if (protocolVersion !== undefined) transport.setProtocolVersion(protocolVersion);
    transport.onmessage = (message) => {
      if (isJSONRPCResultResponse(message) && message.id === initializing) {
        ({ protocolVersion } = message.result as { protocolVersion?: string });
        if (protocolVersion !== undefined) transport.setProtocolVersion(protocolVersion);
      }
      void client.send(message);
    };
    upstream = { url, transport };
    await transport.start();
    return transport;
  };

  const send = async (message: JSONRPCMessage): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      try {
        const transport = await connected();
        await transport.send(message);
        sessionId = transport.sessionId;
        return;
      } catch (error) {
        // The server has answered, if only to refuse; or none could be started.
        if (error instanceof StreamableHTTPError || !isNetworkError(error) || failures >= retries) throw error;
        server.lost();
        await sleep(firstPauseMs * 2 ** failures);
      }
    }
  };

  const pass = async (message: JSONRPCMessage): Promise<void> => {
    if (isInitializeRequest(message) && isJSONRPCRequest(message)) initializing = message.id;
    try {
      await send(keyed(message));
    } catch (error) {
      process.stderr.write(`${explain(error)}\n`);
      if (!isJSONRPCRequest(message)) return;
      await client.send({
        jsonrpc: '2.0',
        id: message.id,
        error: { code: ErrorCode.InternalError, message: told(error) },
      });
    }
  };

  client.onmessage = (message: JSONRPCMessage) => {
    const passing = pass(message).finally(() => underWay.delete(passing));
    underWay.add(passing);
  };
  await client.start();
  return {
    async close() {
      await Promise.all(underWay);
      await upstream?.transport.close();
      await client.close();
    },
  };
}

function mcpUrl(url: string, space: string | undefined): URL {
  const address = new URL('mcp', url.endsWith('/') ? url : `${url}/`);
  if (space !== undefined) address.searchParams.set('space', space);
  return address;
}

function authorization(): Record<string, string> {
  const apiKey = process.env.ANIMA_API_KEY;
  return apiKey ? { authorization: `Bearer ${apiKey}` } : {};
}

function keyed(message: JSONRPCMessage): JSONRPCMessage {
  if (!isJSONRPCRequest(message) || message.method !== 'tools/call') return message;
  const { _meta: meta, ...params } = message.params ?? {};
  return { ...message, params: { ...params, _meta: { [keyField]: randomUUID(), ...meta } } };
}

/** What `fetch` throws when there is nobody, or nobody any more. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError;
}

/** What the client is told of a message that could not be delivered. */
function told(error: unknown): string {
  if (error instanceof StreamableHTTPError) return error.message;
  return isNetworkError(error)
    ? 'the Anima server does not answer; try again in a moment'
    : `the Anima server could not be used: ${error instanceof Error ? error.message : String(error)}`;
}
