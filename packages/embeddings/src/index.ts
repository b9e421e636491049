export {
  type CachedEmbedder,
  type CacheOptions,
  type EmbedderOptions,
  openEmbedder,
  type ProviderOptions,
} from './embedder.ts';
