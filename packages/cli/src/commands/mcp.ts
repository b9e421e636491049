import { once } from 'node:events';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { Command, Option } from 'commander';
import { openBridge } from '../mcp/bridge.ts';
import { openSharedServer } from '../mcp/shared-server.ts';
import { readUrl } from './server-options.ts';

interface McpOptions {
  readonly url?: string;
  readonly space?: string;
}

export function mcpCommand(): Command {
  return new Command('mcp')
    .description('Give an MCP client memory: speaks the protocol on stdin and stdout, for as long as the client runs.')
    .addOption(new Option('--url <url>', 'the server to talk to').env('ANIMA_URL').argParser(readUrl))
    .option('--space <name>', 'keep to this space; without it, the model may name one with each call')
    .addHelpText(
      'after',
      `
Examples:
  anima mcp
  anima mcp --space ada

In a client's configuration:
  { "mcpServers": { "anima": { "command": "anima", "args": ["mcp"] } } }

Clients of one machine share the memory: the first one starts a server, unless one runs, and the
others find it. When it goes with its client, another client starts it again.`,
    )
    .action(run);
}

async function run({ url, space }: McpOptions): Promise<void> {
  const stopped = Promise.race([
    // A client that goes away closes the pipe; one that is impatient sends a signal.
    once(process.stdin, 'end'),
    once(process.stdin, 'close'),
    ...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)),
  ]);
  const server = openSharedServer(url);
  try {
    const bridge = await openBridge(new StdioServerTransport(), server, space);
    await stopped;
    await bridge.close();
  } finally {
    await server.close();
  }
}
