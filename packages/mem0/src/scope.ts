import type { SearchFilters } from './mem0-shapes.ts';

/** mem0's owners of a memory, the widest first. */
const owners = ['user_id', 'agent_id', 'run_id'] as const;
type Owner = (typeof owners)[number];

/**
 * Where memories of some owners live. The first owner has a space of its own, so that its memories never meet those of
 * another; the others are tags within it.
 */
export interface Scope {
  readonly space: string;
  readonly tags: readonly string[];
}

/** @param given owners and metadata, as filters name them */
export function scopeOf(given: SearchFilters, prefix: string, message: string): Scope {
  const [first, ...others] = owners.flatMap((owner) => {
    const name = ownerName(given[owner], owner);
    return name === undefined ? [] : [{ owner, name }];
  });
  if (!first) throw new Error(message);
  const conditions = Object.fromEntries(others.map(({ owner, name }) => [owner, name]));
  const { user_id: _user, agent_id: _agent, run_id: _run, ...metadata } = given;
  return { space: `${prefix}${first.owner}=${first.name}`, tags: tagsOf({ ...metadata, ...conditions }) };
}

/** As mem0 checks it. */
function ownerName(value: unknown, owner: Owner): string | undefined {
  if (value === undefined || value === null) return undefined;
  const name = String(value).trim();
  if (name === '') throw new Error(`Invalid ${owner}: cannot be empty or whitespace-only. Provide a valid identifier.`);
  if (/\s/.test(name)) {
    throw new Error(`Invalid ${owner}: cannot contain whitespace. Provide a valid identifier without spaces.`);
  }
  return name;
}

/** Longest tag of a memory, and most of them. */
const tagLength = 50;
const mostTags = 20;

/** Metadata as tags, so that it can be filtered by: `key=` and the value as JSON. */
export function tagsOf(metadata: Readonly<Record<string, unknown>>): string[] {
  const tags = Object.entries(metadata)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const tag = `${key}=${JSON.stringify(value)}`;
      if (key === '' || key.includes('='))
        throw new Error(`metadata: "${key}" cannot be a key: it is empty or has a "="`);
      if (tag.length > tagLength) {
        throw new Error(`metadata: "${key}" and its value as JSON must have at most ${tagLength} characters together`);
      }
      return tag;
    });
  if (tags.length > mostTags) throw new Error(`metadata: at most ${mostTags} keys, agentId and runId included`);
  return tags;
}

/** What {@link tagsOf} made tags of; tags of other origin are not metadata. */
export function metadataOf(tags: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const [, key, json] = /^([^=]+)=(.*)$/s.exec(tag) ?? [];
      const value = json === undefined ? undefined : parsed(json);
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    }),
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // A tag that somebody else gave it.
  }
}

/** Ids name the owner too, because a memory is looked up in its space: `UUID@user_id=alice`. */
export function idOf(memoryId: string, space: string, prefix: string): string {
  return `${memoryId}@${space.slice(prefix.length)}`;
}

/** @returns undefined for what is no id of this facade */
export function readId(id: string, prefix: string): { readonly memoryId: string; readonly space: string } | undefined {
  const [, memoryId, owner] =
    /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})@((?:user|agent|run)_id=\S+)$/i.exec(id) ?? [];
  return memoryId === undefined || owner === undefined ? undefined : { memoryId, space: `${prefix}${owner}` };
}

/** The owners that a memory's space and metadata tell. */
export function ownersOf(
  space: string,
  prefix: string,
  metadata: Readonly<Record<string, unknown>>,
): Partial<Record<Owner, string>> {
  const [, owner = '', name = ''] = /^(\w+)=(.*)$/s.exec(space.slice(prefix.length)) ?? [];
  const others = owners.flatMap((one) => (typeof metadata[one] === 'string' ? [[one, metadata[one]] as const] : []));
  return Object.fromEntries([[owner, name], ...others]);
}

/** Metadata without the owners in it. */
export function withoutOwners(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { user_id: _user, agent_id: _agent, run_id: _run, ...rest } = metadata;
  return rest;
}
