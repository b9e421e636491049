export type { ArchiveOptions } from './archive/archiving.ts';
export { openStore, type Store } from './open-store.ts';
export type { StoreOptions } from './store-options.ts';
