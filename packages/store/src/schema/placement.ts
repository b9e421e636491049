/** Where a table is when the database is many nodes. */
export type Place =
  /** By `shard`, beside all others of its shard: one node has a space whole. */
  | 'distributed'
  /** A copy on every node: read everywhere, written rarely. */
  | 'reference'
  /** On the coordinator, where it is asked by itself, never beside a distributed one. */
  | 'coordinator';

/** The column that says on which node a row is; first in every primary and unique key of a distributed table. */
export const distributionColumn = 'shard';

const distributed = [
  // The log, its heads and checkpoints: append and fold are one node's work.
  ...['shard_heads', 'events', 'fold_checkpoints', 'requests', 'snapshots'],
  // What was said, where, and what became of it: read and written together with the log.
  ...['conversations', 'conversation_turns', 'memories', 'memory_versions', 'tier_reasons', 'citations', 'lexemes'],
  ...['memory_state', 'tier_changes', 'merge_groups', 'associations', 'state_snapshots'],
  // What belongs to spaces, wherever it is read from.
  ...[
    'embedding_failures',
    'query_vectors',
    'receipts',
    'reembeddings',
    'discarded_vectors',
    'imports',
    'import_lines',
  ],
  // Read where the log is read, though nothing is archived there: see the refusal of LOG_ARCHIVE_URL.
  ...['log_segments', 'log_segment_spaces', 'log_bases'],
];

/** A table of the vectors of a model, of whichever there are. */
const vectorsTable = /^vectors_\d+$/;

const reference = [
  // A handful of rows that spaces, reembeddings and discarded vectors refer to.
  'embedding_models',
  // A space is looked up by its name, before anybody knows its shard; its model is asked beside distributed tables.
  'spaces',
];

const coordinator = [
  // Of the server and of no space: a few rows, each asked by itself.
  ...['api_keys', 'bench_runs', 'log_archive'],
];

const places: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...reference.map((table) => [table, 'reference'] as const),
  ...distributed.map((table) => [table, 'distributed'] as const),
  ...coordinator.map((table) => [table, 'coordinator'] as const),
]);

/** Where a table belongs; undefined for one that is not of this schema, such as a job queue's or a migrator's. */
export function placeOf(table: string): Place | undefined {
  return vectorsTable.test(table) ? 'distributed' : places.get(table);
}

/** The tables that migrations make and that must be placed, those first that others refer to. */
export const placedTables: readonly string[] = [...reference, ...distributed];
