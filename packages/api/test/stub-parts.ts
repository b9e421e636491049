import {
  type AddOutcome,
  AnimaError,
  type ApiKey,
  type BenchRun,
  decodeEvent,
  type EmbeddingModel,
  type LifecycleStore,
  type Log,
  type Memory,
  type PastState,
  type Reembeddings,
  type Role,
  type ServerStore,
  type SpaceModel,
  type StoredMemory,
  spaceSettings,
} from '@anima/core';
import type { ApiDependencies } from '../src/index.ts';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

const model: EmbeddingModel = { provider: 'stub', name: 'stub', dimensions: 3 };

/** Parts that answer from memory, each method replaceable: what is tested here is the faces, not the parts. */
export function stubParts(
  replaced: Partial<ServerStore> = {},
  options: Partial<ApiDependencies> = {},
): ApiDependencies & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  return {
    store: { ...stubStore(), ...replaced },
    reembeddings: stubReembeddings(),
    embedder: stubEmbedder,
    addEmbedBudgetMs: 100,
    queryEmbedBudgetMs: 100,
    similarityThreshold: 0.25,
    ranking: 'hybrid',
    version: '0.0.0-test',
    settings: [{ name: 'PORT', value: '7100', source: 'default', isSecret: false }],
    log: recordingLog(lines),
    slowRequestMs: 60_000,
    requestsPerMinute: 100_000,
    shedAboveMs: 0,
    lines,
    ...options,
  };
}

const stateThen: PastState = {
  ...{ tier: 'active', accessCount: 0, phi: 0, isCatalyst: false, lastAccessed: 0, visibility: 'live' },
};

function stubStore(): ServerStore {
  const memories = new Map<string, StoredMemory>();
  const runs: BenchRun[] = [];
  const recalls = new Map<string, readonly string[]>();
  const read = (ids: readonly string[]) => ids.flatMap((id) => memories.get(id) ?? []);
  const readEntries: LifecycleStore['readEntries'] = async (_space, ids) =>
    read(ids).map(({ embedded: _, ...memory }) => ({
      ...memory,
      ...{ visibility: 'live', mergedInto: null, expiresAt: null, embedding: 'ready' },
    }));
  const candidates = () =>
    [...memories.values()].map(({ id, tier }) => ({
      ...{ memoryId: id, version: 1, conversationId: null, neighbours: [], tier },
      ...{ similarity: 0.5, lexical: 0.1, phi: 0, accessCount: 4 },
    }));
  const change = async (_space: unknown, ids: readonly string[]) => {
    const known = ids.filter((id) => memories.has(id));
    if (known.length < ids.length) throw new AnimaError('NOT_FOUND', 'there is no such memory');
    return { changed: known, unchanged: [] };
  };
  return {
    readEntries,
    readVersions: async () => [{ version: 1, content: 'as it is', replacedAt: null }],
    readVariants: async () => [],
    list: async (space, { limit }) => ({
      memories: await readEntries(space, [...memories.keys()].slice(0, limit)),
      next: memories.size > limit ? { value: '1', memoryId: crypto.randomUUID() } : undefined,
    }),
    count: async () => memories.size,
    nearest: async () => undefined,
    update: async (_: unknown, memoryId: string) => ({ memoryId, version: 2, isNewVersion: true }),
    forget: change,
    restore: change,
    erase: change,
    setTier: change,
    mark: change,
    merge: async () => undefined,
    unmerge: async () => ({ survivor: crypto.randomUUID() }),
    openSpace: async (name) => ({ id: name, shard: 0, settings: {}, model }),
    configure: async (_space, changes) => spaceSettings.parse(changes),
    searchStructural: async () => ({ candidates: [], statePosition: 1 }),
    add: async (_space, added) =>
      added.map((memory): AddOutcome => {
        const known = [...memories.values()].find(({ content }) => content === memory.content);
        if (known) return { memoryId: known.id, version: 1, isNew: false };
        const id = crypto.randomUUID();
        const now = new Date().toISOString();
        const made: Memory = {
          id,
          content: memory.content,
          contentHash: 'a'.repeat(64),
          version: 1,
          tier: 'active',
          category: memory.category,
          tags: memory.tags,
          source: memory.source,
          accessCount: 0,
          lastAccessed: now,
          resonancePhi: memory.isCatalyst ? 1 : 0,
          isCatalyst: memory.isCatalyst,
          occurredAt: memory.occurredAt,
          createdAt: now,
          updatedAt: now,
        };
        memories.set(id, { ...made, embedded: true });
        return { memoryId: id, version: 1, isNew: true, memory: made };
      }),
    search: async () => ({ candidates: candidates(), statePosition: 1 }),
    findMoment: async (_space, asOf) => ({ position: typeof asOf === 'number' ? asOf : 1, at: null }),
    searchThen: async () => candidates().map((one) => ({ ...one, past: stateThen })),
    searchStructuralThen: async () => [],
    readThen: async (_space, states) => read([...states.keys()]).map(({ embedded: _, ...memory }) => memory),
    bootstrapThen: async () => ({
      memories: { active: [...memories.values()], thread: [], stable: [] },
      cut: { active: 0, thread: 0, stable: 0 },
    }),
    readStory: async (_space, memoryId) => [
      {
        event: decodeEvent({
          ...{ shard: 0, position: 1, spaceId: 'default', id: 'e', schemaVersion: 1, conversationId: null },
          ...{ recordedAt: 0, type: 'memory.added', memoryIds: [memoryId], payload: { catalyst: false } },
        }),
        ...{ conversation: null, reason: null, tierChange: null, state: stateThen },
      },
    ],
    readTierChanges: async () => [],
    readReceipt: async (_space, recallId) => ({
      ...{ recallId, position: 1, at: new Date().toISOString(), profile: 'hybrid', statePosition: null, source: 'log' },
      hits: (recalls.get(recallId) ?? []).map((memoryId) => ({ memoryId, version: null, breakdown: null })),
    }),
    readMemories: async (_space, ids) => read(ids),
    async recordRecall(_space, { hits }) {
      const recallId = crypto.randomUUID();
      recalls.set(
        recallId,
        hits.map(({ memoryId }) => memoryId),
      );
      return { recallId, hits };
    },
    bootstrap: async (_space, { limit }) => ({
      memories: { active: [...memories.values()].slice(0, limit), thread: [], stable: [] },
      cut: { active: 0, thread: 0, stable: 0 },
    }),
    async cite(_space, recallId, memoryIds) {
      if (!recalls.has(recallId)) throw new AnimaError('NOT_FOUND', `no recall ${recallId}`);
      return { cited: memoryIds };
    },
    // Everything is associated with everything, and was recalled together nine times.
    neighbours: async (_space, ids, { except = [] }) =>
      ids.flatMap((of) =>
        [...memories.keys()]
          .filter((id) => id !== of && !except.includes(id))
          .map((memoryId) => ({ of, memoryId, count: 9, lastAt: new Date(0).toISOString() })),
      ),
    connections: async (_space, ids) =>
      ids.map((memoryId) => ({ memoryId, counts: [{ count: 9, pairs: memories.size - 1 }] })),
    hubs: async (_space, { limit }) =>
      [...memories.keys()].slice(0, limit).map((memoryId) => ({ memoryId, counts: [{ count: 9, pairs: 5 }] })),
    network: async () => ({ memories: memories.size, counts: [{ count: 9, pairs: 5 }] }),
    survivorOf: async () => undefined,
    catalysts: async (_space, limit) =>
      [...memories.values()]
        .filter(({ isCatalyst }) => isCatalyst)
        .slice(0, limit)
        .map(({ id }) => id),
    recentAccesses: async () => ({
      since: new Date(0).toISOString(),
      accesses: [...memories.keys()].map((memoryId) => ({ memoryId, times: [1, 2, 3] })),
    }),
    memoriesWithWords: async () => [],
    listSpaces: async ({ limit }) =>
      [{ space: 'default', model, settings: {}, createdAt: new Date(0).toISOString() }].slice(0, limit),
    overviewOf: async () => ({
      countedAt: new Date(0).toISOString(),
      tiers: { active: memories.size, thread: 0, stable: 0, network: 0 },
      resonance: [memories.size, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      others: { hidden: 0, merged: 0, expired: 0 },
      growth: [],
    }),
    readActivity: async () => [],
    strongestPairs: async (_space, { limit }) => {
      const ids = [...memories.keys()].toSorted();
      return ids.flatMap((a, index) => ids.slice(index + 1).map((b) => ({ a, b, count: 9 }))).slice(0, limit);
    },
    readMerges: async () => [],
    readLog: async () => ({ events: [], reached: 1 }),
    endOfLog: async () => 1,
    readEffects: async (_space, position) => {
      throw new AnimaError('NOT_FOUND', `there is no event at ${position}`);
    },
    readQueues: async () => [],
    readJobs: async () => [],
    retryJob: async () => {},
    checkpoints: async () => [],
    saveVectors: async () => {},
    requestEmbedding: () => {},
    async *exportSpace() {
      yield { lines: ['{"kind":"header"}', '{"kind":"trailer"}'], bytes: 36, totalBytes: 36 };
    },
    stageImport: async (_space, { after, lines }) => ({ received: after + lines.length, stage: 'receiving' }),
    async *applyImport() {
      yield { stage: 'done', done: 2, total: 2 };
    },
    async keepBenchRun(report) {
      const id = crypto.randomUUID();
      runs.unshift({ id, ...report });
      return id;
    },
    listBenchRuns: async ({ bench, limit }) =>
      runs
        .filter((run) => bench === undefined || run.bench === bench)
        .slice(0, limit)
        .map(({ blocks: _, ...summary }) => summary),
    readBenchRun: async (id) => runs.find((run) => run.id === id),
    async *backup() {
      yield '{"format":"anima-backup"}\n';
    },
    restoreBackup: async (lines) => {
      let rows = 0;
      for await (const _ of lines) rows += 1;
      return { tables: 1, rows };
    },
    principalOf: async () => undefined,
    createKey: async ({ name, role }) => ({ key: 'anima_0123456789ab_secret', made: stubKey(name, role) }),
    listKeys: async () => [],
    revokeKey: async (keyId) => (keyId === stubKeyId ? stubKey('a key', 'read') : undefined),
    ping: async () => {},
    gauges: async () => ({
      engine: 'pglite',
      pool: { total: 1, idle: 1, waiting: 0, max: 1 },
      folds: { lagEvents: 3, lagMs: 1_500 },
      folded: { memory_state: 5, associations: 4 },
      pendingEmbeddings: 2,
      jobs: { queued: 1, active: 0, failed: 0 },
    }),
    modelsInUse: async () => [{ model, spaces: 1 }],
    examine: async () => [{ subject: 'engine', status: 'ok', message: 'a stub' }],
    async *archiveLog({ dryRun }) {
      yield { type: 'progress', progress: { stage: 'writing', done: 10, total: 10 } };
      const held = { folding: 0, receipts: 1, reembedding: 0 };
      yield { type: 'report', report: { dryRun, events: 10, files: 1, bytes: 900, forgotten: 2, held } };
    },
    logSizes: async () => ({
      ...{ events: 30, eventsOfLastDay: 5, table: { events: 20, bytes: 8_192 } },
      archive: {
        ...{ place: '/archive', keepDays: 90, events: 10, files: 1, bytes: 900 },
        ...{ writtenAt: '2026-01-02T03:04:05.000Z', snapshotBytes: 300 },
      },
    }),
    async *rebuild({ verify }) {
      yield { type: 'progress', progress: { projection: 'memory_state', replayed: 1, total: 1 } };
      yield {
        type: 'report',
        report: {
          projection: 'memory_state',
          events: 1,
          rows: 1,
          differenceCount: 0,
          differences: [],
          applied: !verify,
        },
      };
    },
  };
}

const stubKeyId = '0123456789ab';

const stubKey = (name: string, role: Role): ApiKey => ({
  ...{ keyId: stubKeyId, name, role, spaces: null, createdAt: new Date(0).toISOString() },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
});

/** One that is done at the second look. */
function stubReembeddings(): Reembeddings {
  let current = model;
  let next: EmbeddingModel | undefined;
  let looks = 0;
  const read = async (): Promise<SpaceModel> => {
    looks += 1;
    if (next && looks > 2) [current, next] = [next, undefined];
    const progress = { done: 1, total: 2, failed: 0, textsPerSecond: null, problem: null };
    return { model: current, failed: 0, reembedding: next ? { model: next, ...progress } : null };
  };
  return {
    read,
    async begin(_space, wanted) {
      [next, looks] = [wanted, 0];
      return read();
    },
    async cancel() {
      const cancelled = next;
      next = undefined;
      return cancelled;
    },
  };
}

const stubEmbedder: ApiDependencies['embedder'] = {
  model,
  findModel: async ({ provider, name = 'other', dimensions = 4 }) => ({ provider, name, dimensions }),
  embedQuery: async () => new Float32Array([1, 0, 0]),
  embedContents: async (_space, texts) => texts.map(() => [new Float32Array([1, 0, 0])]),
  forget: () => {},
  cacheStats: () => ({ hits: 1, misses: 3, hitRate: 0.25, size: 3, maxSize: 10_000 }),
};

function recordingLog(lines: LoggedLine[]): Log {
  const at = (level: LoggedLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
