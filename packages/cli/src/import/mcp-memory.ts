import { z } from 'zod';

/**
 * The knowledge graph of the reference memory server of MCP: `memory.jsonl`, or what its `read_graph` answers.
 * https://github.com/modelcontextprotocol/servers/tree/main/src/memory
 */
const entity = z.object({ name: z.string(), entityType: z.string(), observations: z.array(z.string()) });
const relation = z.object({ from: z.string(), to: z.string(), relationType: z.string() });
const graph = z.object({ entities: z.array(z.unknown()), relations: z.array(z.unknown()) });

/** No tag is longer. */
const longestTag = 50;

export function isGraphItem(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'type' in value && /^(entity|relation)$/.test(String(value.type))
  );
}

/** Entities and relations of a graph in one piece, or undefined when it is something else. */
export function graphItems(value: unknown): readonly unknown[] | undefined {
  const read = graph.safeParse(value);
  if (!read.success) return undefined;
  const typed = (type: string) => (one: unknown) => (typeof one === 'object' && one !== null ? { ...one, type } : one);
  return [...read.data.entities.map(typed('entity')), ...read.data.relations.map(typed('relation'))];
}

/** One entity or relation as lines of an import file: what is observed of an entity stands for itself, with its name. */
export function fromGraph(value: unknown): readonly unknown[] {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  const source = 'mcp-memory';
  if (type === 'entity') {
    const read = entity.safeParse(value);
    if (!read.success) return [value];
    const { name, entityType, observations } = read.data;
    const contents =
      observations.length > 0 ? observations.map((one) => `${name}: ${one}`) : [`${name} (${entityType})`];
    return contents.map((content) => ({ content, category: entityType || null, tags: tagsOf(name), source }));
  }
  const read = relation.safeParse(value);
  if (type !== 'relation' || !read.success) return [value];
  const { from, to, relationType } = read.data;
  return [{ content: `${from} ${relationType} ${to}`, category: 'relation', tags: tagsOf(from, to), source }];
}

function tagsOf(...names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '' && name.length <= longestTag);
}
