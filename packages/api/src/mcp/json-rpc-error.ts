import type { AnimaError, ErrorCode } from '@anima/core';
import { ErrorCode as JsonRpcCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { errorView } from '../wire-error.ts';

/** MCP's code of a resource that is not there. */
const resourceNotFound = -32_002;

/** Those that JSON-RPC has a code of its own for; the others are the server's. */
const codes: Readonly<Partial<Record<ErrorCode, number>>> = {
  VALIDATION_ERROR: JsonRpcCode.InvalidParams,
  NOT_FOUND: resourceNotFound,
  INTERNAL: JsonRpcCode.InternalError,
};
const ofTheServer = -32_000;

/** What a request other than a tool's call fails with; a tool says in its answer what went wrong. */
export function mcpError(error: AnimaError): McpError {
  return new McpError(codes[error.code] ?? ofTheServer, error.message, errorView(error));
}

/** An answer to a message that never got as far as to be one. */
export function jsonRpcFailure(error: AnimaError) {
  const view = errorView(error);
  return {
    jsonrpc: '2.0',
    id: null,
    error: { code: codes[error.code] ?? ofTheServer, message: view.message, data: view },
  };
}
