'use client';

import type { QueryRequest } from '@anima/client';
import { Button, CopyButton, Group } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** Asked like this from elsewhere. There it is recorded, as an agent's question is. */
export function CopyAs({ request }: { readonly request: QueryRequest }) {
  const forms = { curl: asCurl(request), TypeScript: asTypeScript(request), 'MCP call': asMcpCall(request) };
  return (
    <Group gap={4}>
      {Object.entries(forms).map(([name, text]) => (
        <CopyButton key={name} value={text}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              color="gray"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
            >
              {copied ? 'copied' : name}
            </Button>
          )}
        </CopyButton>
      ))}
    </Group>
  );
}

/** The server as it listens unless it is told otherwise. */
const server = 'http://127.0.0.1:7100';

function asCurl(request: QueryRequest): string {
  const body = JSON.stringify(request).replaceAll("'", "'\\''");
  return `curl ${server}/api/v1/memories/query -H 'content-type: application/json' -d '${body}'`;
}

function asTypeScript(request: QueryRequest): string {
  return `import { createAnimaClient } from '@anima/client';

const anima = createAnimaClient({ url: '${server}' });
const { memories, recallId } = await anima.memories.query.mutate(${JSON.stringify(request, null, 2)});
`;
}

/** What an MCP client sends. A connection has its space (`/mcp?space=`), and the server its ranking. */
function asMcpCall({ query, limit, tiers }: QueryRequest): string {
  const params = { name: 'search_memories', arguments: { query, limit, tiers } };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, null, 2);
}
