import { type AnimaClient, createAnimaClient, isAnimaClientError, pagesOf, type StoredEntry } from '@anima/client';
import { historyRows } from './history.ts';
import type {
  AddMemoryOptions,
  DeleteAllMemoryOptions,
  GetAllMemoryOptions,
  HistoryRow,
  MemoryItem,
  Message,
  SearchFilters,
  SearchMemoryOptions,
  SearchResult,
  UpdateMemoryOptions,
} from './mem0-shapes.ts';
import { idOf, metadataOf, ownersOf, readId, type Scope, scopeOf, tagsOf, withoutOwners } from './scope.ts';
import { endOf, timeOf } from './times.ts';

/** Settings of mem0 itself (its models, its stores) are accepted and left alone: here the server has them. */
export interface MemoryConfig {
  /** Where the Anima server is. Default `http://127.0.0.1:7100`. */
  readonly url?: string;
  readonly apiKey?: string;
  /** A client of one's own, instead of `url` and `apiKey`. */
  readonly client?: AnimaClient;
  /** What the names of the spaces begin with, one for each owner. Default `mem0/`. */
  readonly spacePrefix?: string;
  readonly [mem0Setting: string]: unknown;
}

const defaultUrl = 'http://127.0.0.1:7100';
const needsOwner =
  "filters must contain at least one of: user_id, agent_id, run_id. Example: filters: { user_id: 'u1' }";
/** Memories in one request. */
const batch = 100;
const pageSize = 200;
const mostResults = 100;

/**
 * mem0's `Memory` over an Anima server, for those who want to try one with a line changed:
 *
 * @example
 * ```ts
 * const memory = new Memory({ url: 'http://127.0.0.1:7100' });
 * await memory.add('I prefer tea to coffee', { userId: 'ada', infer: false });
 * const { results } = await memory.search('what to drink?', { filters: { user_id: 'ada' } });
 * ```
 *
 * What differs: no language model rewrites what is added; ids name their owner beside the UUID; a search by `agent_id`
 * or `run_id` alone finds what was added without a wider owner; the same text of one owner is one memory, which grows
 * stronger. Errors of the server are `AnimaClientError`.
 */
export class Memory {
  readonly #client: AnimaClient;
  readonly #prefix: string;

  constructor({ url = defaultUrl, apiKey, client, spacePrefix = 'mem0/' }: MemoryConfig = {}) {
    this.#client = client ?? createAnimaClient(apiKey === undefined ? { url } : { url, apiKey });
    this.#prefix = spacePrefix;
  }

  static fromConfig(config: MemoryConfig): Memory {
    return new Memory(config);
  }

  /** Remembers each message, but those of the system. */
  async add(messages: string | Message[], options: AddMemoryOptions): Promise<SearchResult> {
    if (options.infer === true) {
      throw new Error('infer: true is not supported: Anima keeps what it is told in its own words. Pass infer: false.');
    }
    const { userId, agentId, runId, filters = {}, metadata = {}, timestamp, expirationDate } = options;
    const named = { user_id: userId, agent_id: agentId, run_id: runId };
    const owners = {
      ...filters,
      ...Object.fromEntries(Object.entries(named).filter(([, name]) => name !== undefined)),
    };
    const scope = this.#scope(
      { ...withoutOwners(metadata), ...ownersIn(owners) },
      'One of the filters: userId, agentId or runId is required!',
    );
    const occurredAt = timeOf(timestamp);
    const expiresAt = expirationDate == null ? undefined : endOf(expirationDate);
    const contents = textsOf(messages);
    const results: MemoryItem[] = [];
    for (let at = 0; at < contents.length; at += batch) {
      const memories = contents.slice(at, at + batch).map((content) => ({
        ...{ content, tags: [...scope.tags] },
        ...(typeof owners.run_id === 'string' ? { conversationId: owners.run_id.trim() } : {}),
        ...(occurredAt === undefined ? {} : { occurredAt }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }));
      const added = await this.#client.memories.addMany.mutate({ memories, space: scope.space });
      for (const { memory, isDuplicate } of added) {
        // The text was known, maybe from another agent or run: it now belongs to this one too.
        const tags = [...new Set([...memory.tags, ...scope.tags])];
        if (tags.length > memory.tags.length) {
          await this.#client.memories.update.mutate({ memoryId: memory.id, tags, space: scope.space });
        }
        const id = idOf(memory.id, scope.space, this.#prefix);
        results.push({ id, memory: memory.content, metadata: { event: isDuplicate ? 'NONE' : 'ADD' } });
      }
    }
    return { results };
  }

  async search(query: string, options: SearchMemoryOptions): Promise<SearchResult> {
    if (options.referenceDate !== undefined) throw new Error('referenceDate is not supported');
    if (options.showExpired) throw new Error('showExpired is not supported by search: getAll shows what has expired');
    const { topK = 20, filters = {}, threshold, explain = false } = options;
    const { space, tags } = this.#scope(filters, needsOwner);
    const limit = Math.min(topK, mostResults);
    const { memories } = await this.#client.memories.query.mutate({ query, limit, tags: [...tags], space });
    const results = memories
      .filter(({ score }) => threshold === undefined || score >= threshold)
      .map((hit) => ({
        ...this.#item(hit, space),
        score: hit.score,
        ...(explain ? { score_details: { ...hit.terms } } : {}),
      }));
    return { results };
  }

  /** The newest first. */
  async getAll(options: GetAllMemoryOptions): Promise<SearchResult> {
    const { topK = 20, filters = {}, showExpired = false } = options;
    const { space, tags } = this.#scope(filters, needsOwner);
    const found: StoredEntry[] = [];
    for (const visibility of showExpired ? (['live', 'expired'] as const) : (['live'] as const)) {
      if (found.length >= topK) break;
      const request = { space, tags: [...tags], visibility, limit: Math.min(pageSize, topK - found.length) };
      for await (const { memories } of pagesOf(this.#client.memories.list, request)) {
        found.push(...memories.slice(0, topK - found.length));
        if (found.length >= topK) break;
      }
    }
    return { results: found.map((entry) => this.#item(entry, space)) };
  }

  async get(memoryId: string): Promise<MemoryItem | null> {
    const place = readId(memoryId, this.#prefix);
    const entry = place && (await orUndefined(this.#client.memories.get.query(place)));
    if (!place || !entry || entry.visibility === 'hidden' || entry.visibility === 'erased') return null;
    return this.#item(entry, place.space);
  }

  async update(memoryId: string, change: string | UpdateMemoryOptions): Promise<{ message: string }> {
    const { data, text = data, metadata, expirationDate } = typeof change === 'string' ? { text: change } : change;
    if (text === undefined && metadata === undefined && expirationDate === undefined) {
      throw new Error('At least one of text, metadata, or expirationDate must be provided.');
    }
    const place = readId(memoryId, this.#prefix);
    const entry = place && (await orUndefined(this.#client.memories.get.query(place)));
    if (!place || !entry) throw new Error(`Memory with ID ${memoryId} not found`);
    const tags = metadata && tagsOf({ ...metadataOf(entry.tags), ...withoutOwners(metadata) });
    await this.#client.memories.update.mutate({
      ...place,
      ...(text === undefined ? {} : { content: text }),
      ...(tags ? { tags } : {}),
      ...(expirationDate === undefined ? {} : { expiresAt: expirationDate === null ? null : endOf(expirationDate) }),
    });
    return { message: 'Memory updated successfully!' };
  }

  /** For good: what it said is gone, from its history too. */
  async delete(memoryId: string): Promise<{ message: string }> {
    const place = readId(memoryId, this.#prefix);
    const erased =
      place &&
      (await orUndefined(this.#client.memories.erase.mutate({ memoryIds: [place.memoryId], space: place.space })));
    if (!erased) throw new Error(`Memory with ID ${memoryId} not found`);
    return { message: 'Memory deleted successfully!' };
  }

  async deleteAll({ userId, agentId, runId }: DeleteAllMemoryOptions): Promise<{ message: string }> {
    const { space, tags } = this.#scope(
      ownersIn({ user_id: userId, agent_id: agentId, run_id: runId }),
      'At least one filter is required to delete all memories.',
    );
    for (const visibility of ['live', 'hidden', 'expired', 'merged'] as const) {
      await this.#client.memories.erase.mutate({ where: { visibility, tags: [...tags] }, space });
    }
    return { message: 'Memories deleted successfully!' };
  }

  /** The newest first. */
  async history(memoryId: string): Promise<HistoryRow[]> {
    const place = readId(memoryId, this.#prefix);
    return place ? historyRows(this.#client, place, memoryId) : [];
  }

  #scope(filters: SearchFilters, message: string): Scope {
    return scopeOf(filters, this.#prefix, message);
  }

  #item(
    memory: Pick<StoredEntry, 'id' | 'content' | 'contentHash' | 'createdAt' | 'updatedAt' | 'tags'>,
    space: string,
  ) {
    const metadata = metadataOf(memory.tags);
    return {
      id: idOf(memory.id, space, this.#prefix),
      memory: memory.content,
      hash: memory.contentHash,
      createdAt: memory.createdAt,
      updatedAt: memory.updatedAt,
      metadata: withoutOwners(metadata),
      ...ownersOf(space, this.#prefix, metadata),
    };
  }
}

function ownersIn({ user_id, agent_id, run_id }: Readonly<Record<string, unknown>>): SearchFilters {
  const given = { user_id, agent_id, run_id };
  return Object.fromEntries(Object.entries(given).filter(([, name]) => name !== undefined));
}

function textsOf(messages: string | Message[]): string[] {
  const all = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages;
  const texts = all.flatMap(({ role, content }) => {
    if (role === 'system') return [];
    if (typeof content !== 'string')
      throw new Error(`messages: content of type ${content.type} is not supported: only text is`);
    return content.trim() === '' ? [] : [content];
  });
  if (texts.length === 0)
    throw new Error('messages cannot be empty. Provide at least one message with non-empty content.');
  return texts;
}

/** What is not there is undefined; every other failure is one. */
async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAnimaClientError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
