import type { ProviderOptions } from '@anima/embeddings';
import { type Env, SettingsError } from './env.ts';

/**
 * The sentence model that the settings name.
 *
 * @throws SettingsError when it needs a setting that is not there
 */
export function modelSettings(env: Env): ProviderOptions {
  switch (env.EMBEDDING_PROVIDER) {
    case 'builtin':
      return { provider: 'builtin' };
    case 'ollama':
      return {
        provider: 'ollama',
        url: env.OLLAMA_URL,
        standbyUrl: env.OLLAMA_STANDBY_URL,
        model: env.OLLAMA_MODEL,
        keepAlive: env.OLLAMA_KEEP_ALIVE,
      };
    case 'openai':
      if (env.OPENAI_API_KEY === undefined) {
        throw new SettingsError('OPENAI_API_KEY must be set for EMBEDDING_PROVIDER openai');
      }
      return {
        provider: 'openai',
        apiKey: env.OPENAI_API_KEY,
        baseUrl: env.OPENAI_BASE_URL,
        standbyBaseUrl: env.OPENAI_STANDBY_BASE_URL,
        standbyApiKey: env.OPENAI_STANDBY_API_KEY,
        model: env.OPENAI_MODEL,
        dimensions: env.OPENAI_DIMENSIONS,
      };
  }
}
