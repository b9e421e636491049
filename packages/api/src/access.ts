import { type Access, type Principal, requireAccess } from '@anima/core';

const read = { role: 'read', reach: 'space' } as const;
const write = { role: 'write', reach: 'space' } as const;
const admin = { role: 'admin', reach: 'space' } as const;
const readServer = { role: 'read', reach: 'server' } as const;
const writeServer = { role: 'write', reach: 'server' } as const;
const adminServer = { role: 'admin', reach: 'server' } as const;
const own = { role: 'read', reach: 'own' } as const;

/**
 * What each operation asks of a key: the only place that says so. Every face goes through operations, which need one of
 * these each, so this is the whole of it. Recalling is reading, though what is recalled grows stronger; what cannot be undone, or changes how a
 * space works, needs `admin`.
 */
export const accessTable = {
  add: write,
  addMany: write,
  query: read,
  cite: write,
  bootstrap: read,
  get: read,
  list: read,
  update: write,
  forget: write,
  restore: write,
  erase: admin,
  setTier: write,
  mark: write,
  unmerge: write,
  catalysts: read,
  potentialCatalysts: read,
  discoverAssociations: read,
  associationGraph: read,
  associationHubs: read,
  networkStats: read,
  network: read,
  history: read,
  tierHistory: read,
  receipt: read,
  merges: read,
  log: read,
  logEvent: read,
  tail: read,
  overview: read,
  activity: read,
  describeSpace: read,
  configureSpace: admin,
  consolidate: admin,
  beginReembedding: admin,
  reembed: admin,
  cancelReembedding: admin,
  exportSpace: read,
  stageImport: admin,
  applyImport: admin,
  listSpaces: own,
  whoAmI: own,
  health: own,
  openapi: own,
  // What the process does for all spaces together tells one tenant of another.
  live: readServer,
  metrics: readServer,
  exposition: readServer,
  cacheStats: readServer,
  jobs: readServer,
  checkpoints: readServer,
  logSizes: readServer,
  listBench: readServer,
  getBench: readServer,
  recordBench: writeServer,
  retryJob: adminServer,
  rebuild: adminServer,
  archiveLog: adminServer,
  doctor: adminServer,
  settings: adminServer,
  backup: adminServer,
  restoreBackup: adminServer,
  createKey: adminServer,
  listKeys: adminServer,
  revokeKey: adminServer,
} as const satisfies Readonly<Record<string, Access>>;

/** @throws AnimaError `UNAUTHORIZED`, `FORBIDDEN` */
export function requireAccessTo(access: Access, input: unknown, principal: Principal | undefined): void {
  const space = typeof input === 'object' && input !== null && 'space' in input ? input.space : undefined;
  requireAccess(principal, access, space);
}
