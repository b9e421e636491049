export type { ArchiveOptions } from './open-store.ts';
export { openStore, type Store, type StoreOptions } from './open-store.ts';
