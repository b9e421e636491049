import type { Generated } from 'kysely';

/** A place in one shard: every table of a space leads with it, and every statement names it. */
interface SpaceKey {
  shard: number;
  space_id: string;
}

interface EventsTable extends SpaceKey {
  position: number;
  id: string;
  type: string;
  schema_version: number;
  request_id: string | null;
  conversation_id: string | null;
  memory_ids: string[];
  payload: unknown;
  actor: string | null;
  occurred_at: Date | null;
  recorded_at: Date;
}

interface MemoriesTable extends SpaceKey {
  memory_id: string;
  version: number;
  content: string;
  content_hash: Buffer | null;
  category: string | null;
  tags: string[];
  source: string | null;
  conversation_id: string | null;
  occurred_at: Date | null;
  visibility: 'live' | 'hidden' | 'merged' | 'erased' | 'expired';
  merged_into: string | null;
  created_at: Date;
  updated_at: Date;
  fts: string;
}

interface MemoryStateTable extends SpaceKey {
  memory_id: string;
  tier: number;
  access_count: number;
  phi: number;
  is_catalyst: boolean;
  last_accessed: Date;
  conversations: string[];
}

interface RequestsTable extends SpaceKey {
  key: string;
  fingerprint: string;
  outcome: unknown;
  expires_at: Date;
}

/** The tables that statements address by name through Kysely; the others are reached by SQL beside their only user. */
export interface Tables {
  spaces: {
    space_id: string;
    shard: number;
    model_id: number;
    conversation_salt: Buffer;
    created_at: Generated<Date>;
  };
  embedding_models: { model_id: Generated<number>; provider: string; name: string; dimensions: number };
  shard_heads: { shard: number; position: number; recorded_at: Date };
  fold_checkpoints: { shard: number; projection: string; position: number; rules_version: number };
  events: EventsTable;
  requests: RequestsTable;
  memories: MemoriesTable;
  memory_state: MemoryStateTable;
}
