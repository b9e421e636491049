import type { AnimaClient } from '@anima/client';

/** A request that must take effect once, however often it is sent: all attempts carry its key. */
export type KeyedRequest = {
  readonly key: string;
  readonly space: string;
} & (
  | { readonly kind: 'add'; readonly contents: readonly string[]; readonly conversationId: string | undefined }
  | {
      readonly kind: 'query';
      readonly query: string;
      readonly limit: number;
      readonly conversationId: string | undefined;
    }
  | { readonly kind: 'cite'; readonly recallId: string; readonly memoryIds: readonly string[] }
);

/** What the answer said was done. A repeated request must get the same again. */
export type Outcome =
  | { readonly kind: 'add'; readonly memories: readonly { readonly id: string; readonly isDuplicate: boolean }[] }
  | { readonly kind: 'query'; readonly recallId: string; readonly memoryIds: readonly string[] }
  | { readonly kind: 'cite'; readonly cited: readonly string[] };

/** Sends one attempt of a request. */
export async function send(client: AnimaClient, request: KeyedRequest, signal?: AbortSignal): Promise<Outcome> {
  const { key: idempotencyKey, space } = request;
  const options = signal ? { signal } : {};
  switch (request.kind) {
    case 'add': {
      const said = request.conversationId === undefined ? {} : { conversationId: request.conversationId };
      const memories = request.contents.map((content) => ({ content, ...said }));
      const [only] = memories;
      const results =
        only && memories.length === 1
          ? [await client.memories.add.mutate({ ...only, space, idempotencyKey }, options)]
          : await client.memories.addMany.mutate({ memories, space, idempotencyKey }, options);
      return {
        kind: 'add',
        memories: results.map(({ memory, isDuplicate }) => ({ id: memory.id, isDuplicate })),
      };
    }
    case 'query': {
      const { query, limit, conversationId } = request;
      const asked = conversationId === undefined ? {} : { conversationId };
      const result = await client.memories.query.mutate({ query, limit, ...asked, space, idempotencyKey }, options);
      if (result.recallId === null) throw new Error('a query was not recorded');
      return { kind: 'query', recallId: result.recallId, memoryIds: result.memories.map(({ id }) => id) };
    }
    case 'cite': {
      const { recallId, memoryIds } = request;
      const { cited } = await client.memories.cite.mutate(
        { recallId, memoryIds: [...memoryIds], space, idempotencyKey },
        options,
      );
      return { kind: 'cite', cited: cited.toSorted() };
    }
  }
}
