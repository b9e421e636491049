import { writeFile } from 'node:fs/promises';
import { type ApiDependencies, createApi } from '@anima/api';
import Fastify from 'fastify';
import { z } from 'zod';
import { settingDescriptions } from '../../apps/server/src/env.ts';
import { openToolbox } from '../../packages/api/src/mcp/tools.ts';
import { createRouter } from '../../packages/api/src/trpc/router.ts';
import { program } from '../../packages/cli/src/program.ts';
import { fieldTable, type Schema } from './fields.ts';

const folder = new URL('../reference/', import.meta.url);
const generated = '<!-- Made from the code by `npm run reference`. -->\n';

/** The reference, page by page, as the code has it now. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([
    ['configuration.md', configuration()],
    ['cli.md', commandLine()],
    ['rest.md', await rest()],
    ['trpc.md', trpc()],
    ['mcp.md', mcp()],
  ]);
  return new Map([...pages].map(([name, text]) => [name, `${generated}${text.trimEnd()}\n`]));
}

function configuration(): string {
  const rows = settingDescriptions.map(
    ({ name, fallback, meaning }) =>
      `| \`${name}\` | ${fallback === undefined ? '' : `\`${fallback}\``} | ${meaning} |`,
  );
  return `# Settings

Read once, from the environment, when the server starts. A wrong value, or an unknown name that begins with \`ANIMA_\`, stops the start with one line that names it. An empty value counts as not set. What begins with \`OTEL_\` is meant for all programs of a machine: what Anima has no use for is logged and left alone.

| name | default | |
|---|---|---|
${rows.join('\n')}

Clients (the command line, MCP over stdio) read \`ANIMA_URL\`, which server, and \`ANIMA_API_KEY\`, its key, if it asks for one.
`;
}

function commandLine(): string {
  const commands = program().commands.map((command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100 }).outputHelp();
    return `## ${command.name()}\n\n\`\`\`text\n${help.trim()}\n\`\`\``;
  });
  return `# The command line

\`npm run anima -- COMMAND\` in a checkout. Without a server that runs, a command starts one on the same data for as long as it needs it. \`--json\` prints one JSON document and nothing else.

${commands.join('\n\n')}
`;
}

interface RestOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

async function rest(): Promise<string> {
  const paths = Object.entries(await openapiPaths()).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => restOperation(method, path, operation)),
  );
  return `# REST

\`/api/v1/openapi.json\` of a running server is this with the schemas of all answers. A success is \`{success: true, data, meta}\`, an error \`{success: false, error: {code, message, details?}, meta}\` with one of these codes: ${codes}.

Requests are camelCase; a memory in an answer is snake_case. Whatever changes something takes an \`Idempotency-Key\` header: the same key and body have the first outcome again.

${paths.join('\n\n')}
`;
}

const codes =
  '`VALIDATION_ERROR` 400, `UNAUTHORIZED` 401, `FORBIDDEN` 403, `NOT_FOUND` 404, `CONFLICT` 409, `ARCHIVED` 410, `PAYLOAD_TOO_LARGE` 413, `RATE_LIMITED` 429, `OVERLOADED` and `UNAVAILABLE` 503, `INTERNAL` 500';

function restOperation(method: string, path: string, operation: RestOperation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const named = parameters.filter(({ name }) => name.toLowerCase() !== 'idempotency-key');
  const properties = Object.fromEntries(named.map(({ name, schema }) => [name, schema]));
  const required = named.filter((parameter) => parameter.required).map(({ name }) => name);
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  return [
    `## ${method.toUpperCase()} ${path}`,
    [summary && `${summary}.`, description].filter(Boolean).join(' '),
    named.length > 0 ? fieldTable({ properties, required }) : '',
    body ? fieldTable(body) : '',
    `Answers: ${Object.keys(responses).join(', ')}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The API over nothing: its document follows from the routes alone. */
async function openapiPaths(): Promise<Readonly<Record<string, Readonly<Record<string, RestOperation>>>>> {
  const nothing = () => undefined;
  const model = { provider: 'none', name: 'none', dimensions: 1 };
  const api = createApi({
    store: {},
    reembeddings: {},
    embedder: { model, cacheStats: () => ({ hits: 0, misses: 0, hitRate: 0, size: 0, maxSize: 0 }) },
    ...{ addEmbedBudgetMs: 0, queryEmbedBudgetMs: 0, similarityThreshold: 0, ranking: 'hybrid', settings: [] },
    ...{
      version: '',
      slowRequestMs: 0,
      requestsPerMinute: 1,
      shedAboveMs: 0,
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    },
  } as unknown as ApiDependencies);
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  try {
    return (await app.inject('/api/v1/openapi.json')).json().paths;
  } finally {
    await app.close();
  }
}

function trpc(): string {
  const anything = {} as never;
  const router = createRouter(anything);
  const procedures = Object.entries(router._def.procedures as unknown as Record<string, Procedure>);
  const sections = procedures.map(([path, { _def }]) => {
    const [input] = _def.inputs;
    const schema = input && (z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema);
    return [`## ${path}`, `A ${_def.type}.`, schema ? fieldTable(schema) : 'Takes nothing.'].join('\n\n');
  });
  return `# tRPC

The source of truth: REST, MCP, the typed client and the command line are maps onto these procedures. With [the client](../agents.md#the-client), \`anima.memories.add.mutate({…})\` is \`memories.add\`; the types of the answers come with it. A query that records what it recalled is a mutation.

${sections.join('\n\n')}
`;
}

interface Procedure {
  readonly _def: { readonly type: 'query' | 'mutation' | 'subscription'; readonly inputs: readonly z.ZodType[] };
}

function mcp(): string {
  const tools = openToolbox.descriptions.map(
    ({ name, description, inputSchema }) => `## ${name}\n\n${description}\n\n${fieldTable(inputSchema as Schema)}`,
  );
  return `# MCP tools

Over stdio (\`anima mcp\`) and streamable HTTP (\`/mcp\`), see [For agents](../agents.md#mcp). A connection that is bound to a space (\`--space\`, \`/mcp?space=\`) has no parameter \`space\`.

${tools.join('\n\n')}
`;
}

if (import.meta.main) {
  for (const [name, text] of await referencePages()) await writeFile(new URL(name, folder), text);
}
