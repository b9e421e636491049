/** Bounds on what a request may carry. Lengths are in UTF-16 code units, as JavaScript counts them. */
export const limits = {
  contentLength: 50_000,
  queryLength: 5_000,
  categoryLength: 100,
  sourceLength: 100,
  tags: 20,
  tagLength: 50,
  conversationIdLength: 200,
  spaceLength: 100,
  idempotencyKeyLength: 200,
  /** Memories in one `addMany`. */
  batch: 100,
  modelNameLength: 200,
  /** What pgvector indexes. */
  modelDimensions: 4_000,
  /** Of a reembedding. */
  textsPerSecond: 10_000,
  queryResults: 100,
  bootstrapMemories: 200,
  bootstrapActive: 1_000,
  /** What a bootstrap leaves out is counted up to here: the number itself means "at least". */
  bootstrapCut: 100,
  /** The least that has room for the words around the memories and for some of them. */
  leastTokenBudget: 100,
  tokenBudget: 100_000,
  /** Memories on one page of a list. */
  listed: 200,
  /** Memories that one change names. */
  changed: 500,
  reasonLength: 500,
  /** Neighbours of the hits that one query may ask for. */
  expand: 50,
  discovered: 100,
  graphDepth: 3,
  graphNodes: 500,
  /** Neighbours that a graph follows from one memory. */
  graphPerNode: 100,
  hubs: 100,
  /** Memories of a picture of a whole space. */
  networkNodes: 2_000,
  minConnections: 1_000_000,
  catalysts: 100,
  /** Spaces on one page of a list. */
  spaces: 200,
  /** What lately became of memories, in one answer. */
  activity: 100,
  /** Events on one page of a memory's history. */
  historyEvents: 200,
  /** Events on one page of the log, and in one step of following it. */
  events: 200,
  /** Merges on one page of a list. */
  merges: 100,
  jobs: 200,
  /** One line of a space file: the longest content, every character of it escaped. */
  spaceFileLineLength: 500_000,
  /** Lines of a space file in one request. */
  stagedLines: 1_000,
  /** Runs on one page of a list of benches. */
  benchRuns: 200,
  /** Runs that a server keeps; the oldest make room. */
  keptBenchRuns: 1_000,
  keyNameLength: 100,
  /** Spaces that one key names. */
  keySpaces: 100,
  /** Keys in one list. */
  keys: 1_000,
} as const;

export const defaults = {
  space: 'default',
  queryResults: 20,
  bootstrapMemories: 50,
  tokenBudget: 2_000,
  listed: 50,
  discovered: 20,
  graphDepth: 2,
  graphNodes: 100,
  graphPerNode: 10,
  hubs: 20,
  networkNodes: 300,
  minConnections: 5,
  catalysts: 20,
  spaces: 50,
  activity: 20,
  historyEvents: 50,
  benchRuns: 50,
  receiptRetentionDays: 30,
  /** Cosine from which a candidate that shares no word with the query still counts; suits the builtin model. */
  similarityThreshold: 0.25,
} as const;
