import { AnimaError, addInput } from '@anima/core';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ReportFailure } from '../failure-report.ts';
import type { Operations } from '../operations.ts';
import type { RequestContext } from '../request-context.ts';
import { checked } from '../request-validation.ts';
import { failureText } from './failure-text.ts';
import { mcpError } from './json-rpc-error.ts';
import { instructions, promptOf, prompts, startConversation } from './prompts.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import { boundToolbox, openToolbox } from './tools.ts';

/** What an exchange of messages belongs to. */
export interface McpConnection {
  readonly operations: Operations;
  readonly report: ReportFailure;
  readonly request: RequestContext;
  readonly version: string;
  /** The one space that it may reach; undefined leaves the choice to the model. */
  readonly space: string | undefined;
  readonly conversationId: string | undefined;
}

/** A client that repeats a call names it here, so that it takes effect once. */
const keyField = 'anima/idempotencyKey';
const meta = z.object({ [keyField]: addInput.shape.idempotencyKey });

/** The protocol over the use cases. It holds nothing, so that one can be made for each request. */
export function createMcpServer(connection: McpConnection): Server {
  const { operations, report, request, version, space: bound } = connection;
  const server = new Server(
    { name: 'anima', title: 'Anima', version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions },
  );
  const toolbox = bound === undefined ? openToolbox : boundToolbox;
  const reader = {
    ...{ operations, request },
    space: bound ?? checked(addInput.shape.space, undefined),
    isBound: bound !== undefined,
  };
  const reported = (error: unknown, operation: string) => report(error, { requestId: request.requestId, operation });

  /** Whatever fails is reported as over the other faces, and says no more than there. */
  const answering =
    <Input, Answer>(operation: string, answer: (input: Input) => Promise<Answer>) =>
    async (input: Input): Promise<Answer> => {
      try {
        return await answer(input);
      } catch (error) {
        throw mcpError(reported(error, operation));
      }
    };

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...toolbox.descriptions] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    const { name, arguments: given = {}, _meta } = params;
    const tool = toolbox.find(name);
    if (!tool) throw mcpError(new AnimaError('VALIDATION_ERROR', `there is no tool ${name}`));
    try {
      const { space = bound, ...input } = checked(tool.input, given) as { space?: string };
      const context = {
        ...{ operations, request, conversationId: connection.conversationId },
        space: checked(addInput.shape.space, space),
        idempotencyKey: checked(meta, _meta ?? {})[keyField],
      };
      return { content: [{ type: 'text', text: await tool.run(input, context) }] };
    } catch (error) {
      return { content: [{ type: 'text', text: failureText(reported(error, `mcp ${name}`)) }], isError: true };
    }
  });

  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => resourceTemplates);
  server.setRequestHandler(
    ListResourcesRequestSchema,
    answering('mcp resources/list', ({ params }) => listResources(reader, params?.cursor)),
  );
  server.setRequestHandler(
    ReadResourceRequestSchema,
    answering('mcp resources/read', ({ params }) => readResource(reader, params.uri)),
  );

  server.setRequestHandler(ListPromptsRequestSchema, () => prompts);
  server.setRequestHandler(
    GetPromptRequestSchema,
    answering('mcp prompts/get', async ({ params }) => {
      if (params.name !== startConversation) {
        throw new AnimaError('VALIDATION_ERROR', `there is no prompt ${params.name}`);
      }
      return promptOf(reader, params.arguments?.topic);
    }),
  );
  return server;
}
