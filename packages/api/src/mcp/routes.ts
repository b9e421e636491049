import { randomUUID } from 'node:crypto';
import { AnimaError, addInput } from '@anima/core';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyPluginCallback, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ReportFailure } from '../failure-report.ts';
import type { Operations } from '../operations.ts';
import { requestContext } from '../request-context.ts';
import { checked } from '../request-validation.ts';
import { createMcpServer } from './mcp-server.ts';

export const mcpPath = '/mcp';

export interface McpParts {
  readonly operations: Operations;
  readonly report: ReportFailure;
  readonly version: string;
}

const connection = z.strictObject({
  /** Binds the connection to one space. */
  space: addInput.shape.space.unwrap().optional(),
});

/** What may pass from a session into the log's neighbourhood: what this server makes, and its like. */
const saneSession = /^[\w.:@/+=-]{1,128}$/;
const loopbackOrigin = /^https?:\/\/(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?$/i;

/**
 * MCP over streamable HTTP. A session is a name and no more: it is given at the start and, as a conversation, ties
 * together what is recalled in it. So any process serves any session, and a restart ends none.
 */
export function mcpRoutes({ operations, report, version }: McpParts): FastifyPluginCallback {
  return (app, _options, done) => {
    app.addHook('onRequest', async ({ headers: { origin } }) => {
      if (origin === undefined || loopbackOrigin.test(origin)) return;
      throw new AnimaError('FORBIDDEN', 'pages of other hosts may not use this server');
    });

    app.post(mcpPath, { schema: { hide: true } }, async (request, reply) => {
      const { space } = checked(connection, request.query);
      const isNew = isInitializeRequest(request.body);
      const session = isNew ? randomUUID() : sessionOf(request);
      const server = createMcpServer({
        ...{ operations, report, version, space: space ?? onlySpace(request) },
        request: requestContext(request, reply),
        conversationId: session,
      });
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport);
      try {
        const answer = await transport.handleRequest(webRequest(request), { parsedBody: request.body });
        reply.code(answer.status).headers(Object.fromEntries(answer.headers));
        if (isNew && answer.ok && session !== undefined) reply.header('Mcp-Session-Id', session);
        return reply.send(await answer.text());
      } finally {
        await server.close();
      }
    });

    // The server never speaks first, and a session holds nothing that could be ended.
    app.route({
      method: ['GET', 'DELETE'],
      url: mcpPath,
      schema: { hide: true },
      handler: (_request, reply) => reply.code(405).header('Allow', 'POST').send(),
    });
    done();
  };
}

/** A key of one space binds its connections to it. */
function onlySpace({ principal }: FastifyRequest): string | undefined {
  const spaces = principal?.spaces ?? [];
  return spaces.length === 1 ? spaces[0] : undefined;
}

function sessionOf({ headers }: FastifyRequest): string | undefined {
  const given = headers['mcp-session-id'];
  return typeof given === 'string' && saneSession.test(given) ? given : undefined;
}

/** The request without its body, which Fastify has read and measured already. */
function webRequest({ method, headers, host }: FastifyRequest): Request {
  const flat = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  return new Request(`http://${host}${mcpPath}`, { method, headers: flat });
}
