export {
  type CachedEmbedder,
  type CacheOptions,
  type EmbedderOptions,
  openEmbedder,
} from './embedder.ts';
export type { ProviderOptions, ReachModel } from './open-models.ts';
