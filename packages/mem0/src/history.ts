import { type AnimaClient, isAnimaClientError, pagesOf } from '@anima/client';
import type { HistoryRow } from './mem0-shapes.ts';

const pageSize = 200;

/** What mem0 knows as history: a memory's texts as they came and went. Being recalled is none of it. */
export async function historyRows(
  client: AnimaClient,
  place: { readonly memoryId: string; readonly space: string },
  id: string,
): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = [];
  const wording = wordings(client, place);
  let version = 0;
  let createdAt = '';
  for await (const { events } of pagesOf(client.memories.history, { ...place, limit: pageSize })) {
    for (const { eventId, at, type, details } of events) {
      const action = actions[type];
      if (action === undefined) continue;
      const before = action === 'ADD' ? null : await wording(version);
      // An update of the metadata alone leaves the version as it was.
      version = typeof details.version === 'number' ? details.version : Math.max(1, version);
      if (createdAt === '') createdAt = at;
      rows.push({
        ...{ id: eventId, memory_id: id, previous_value: before },
        ...{ new_value: action === 'DELETE' ? null : await wording(version), action },
        ...{ created_at: createdAt, updated_at: action === 'ADD' ? null : at, is_deleted: action === 'DELETE' ? 1 : 0 },
      });
    }
  }
  return rows.toReversed();
}

const actions: Readonly<Record<string, HistoryRow['action']>> = {
  'memory.added': 'ADD',
  'memory.restored': 'ADD',
  'memory.updated': 'UPDATE',
  'memory.forgotten': 'DELETE',
  'memory.erased': 'DELETE',
  'memory.expired': 'DELETE',
};

/** Texts by their version, each asked for once; null for what is gone. */
function wordings(client: AnimaClient, place: { readonly memoryId: string; readonly space: string }) {
  const known = new Map<number, Promise<string | null>>();
  return (version: number): Promise<string | null> => {
    const asked =
      known.get(version) ??
      client.memories.get.query({ ...place, version }).then(
        ({ content }) => content,
        (error: unknown) => {
          if (isAnimaClientError(error) && error.code === 'NOT_FOUND') return null;
          throw error;
        },
      );
    known.set(version, asked);
    return asked;
  };
}
