/** What mem0's open-source `Memory` (3.3) takes and gives, as far as it is served here. */

type Metadata = Record<string, unknown>;

export interface Message {
  role: string;
  content: string | { type: string };
}

interface Entity {
  userId?: string;
  agentId?: string;
  runId?: string;
}

export interface SearchFilters {
  user_id?: string;
  agent_id?: string;
  run_id?: string;
  /** A key of the metadata, which must have this very value. */
  [key: string]: unknown;
}

export interface AddMemoryOptions extends Entity {
  metadata?: Metadata;
  filters?: SearchFilters;
  /** Anima keeps what it is told in its own words: only `false` is served, and it is the default. */
  infer?: boolean;
  /** When it happened: a date, an ISO 8601 time or seconds since 1970. */
  timestamp?: number | string | Date | null;
  /** `YYYY-MM-DD`: the last day on which it is found. */
  expirationDate?: string | null;
}

export interface SearchMemoryOptions {
  topK?: number;
  filters?: SearchFilters;
  /** Results with a lower score are left out. */
  threshold?: number;
  /** Adds `score_details`. */
  explain?: boolean;
  referenceDate?: number | string | Date | null;
  rerank?: boolean;
  showExpired?: boolean;
}

export interface GetAllMemoryOptions {
  topK?: number;
  filters?: SearchFilters;
  showExpired?: boolean;
}

export interface UpdateMemoryOptions {
  text?: string;
  data?: string;
  /** Merged into the present one. */
  metadata?: Metadata;
  expirationDate?: string | null;
}

export type DeleteAllMemoryOptions = Entity;

export interface MemoryItem {
  id: string;
  memory: string;
  /** SHA-256, where mem0 has MD5. */
  hash?: string;
  createdAt?: string;
  updatedAt?: string;
  score?: number;
  metadata?: Metadata;
  user_id?: string;
  agent_id?: string;
  run_id?: string;
  score_details?: Metadata;
}

export interface SearchResult {
  results: MemoryItem[];
}

export interface HistoryRow {
  id: string;
  memory_id: string;
  /** null where there was none, or what was said is gone for good. */
  previous_value: string | null;
  new_value: string | null;
  action: 'ADD' | 'UPDATE' | 'DELETE';
  created_at: string;
  updated_at: string | null;
  is_deleted: 0 | 1;
}
