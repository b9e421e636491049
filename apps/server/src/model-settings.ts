import { AnimaError, type WantedModel } from '@anima/core';
import type { ProviderOptions, ReachModel } from '@anima/embeddings';
import { type Env, SettingsError } from './env.ts';

/**
 * The sentence model that the settings name: that of new spaces.
 *
 * @throws SettingsError when it needs a setting that is not there
 */
export function modelSettings(env: Env): ProviderOptions {
  switch (env.EMBEDDING_PROVIDER) {
    case 'builtin':
      return { provider: 'builtin' };
    case 'ollama':
      return ollama(env, env.OLLAMA_MODEL);
    case 'openai':
      if (env.OPENAI_API_KEY === undefined) {
        throw new SettingsError('OPENAI_API_KEY must be set for EMBEDDING_PROVIDER openai');
      }
      return openai(env, env.OPENAI_API_KEY, env.OPENAI_MODEL);
  }
}

/** How the same settings reach other models: those that spaces have, or are to get. */
export function reachModel(env: Env): ReachModel {
  return ({ provider, name }: WantedModel) => {
    switch (provider) {
      case 'builtin':
        if (name !== undefined && name !== builtinModel) {
          throw refuse('model', `must be ${builtinModel}, or left out: the provider builtin has no other`);
        }
        return { provider: 'builtin' };
      case 'ollama':
        return ollama(env, name ?? env.OLLAMA_MODEL);
      case 'openai':
        if (env.OPENAI_API_KEY === undefined) {
          throw refuse('provider', 'needs OPENAI_API_KEY: set it and restart the server');
        }
        return openai(env, env.OPENAI_API_KEY, name ?? env.OPENAI_MODEL);
      default:
        throw refuse('provider', 'must be builtin, ollama or openai');
    }
  };
}

/** The one that ships with Anima. */
const builtinModel = 'energetic-ai/en';

function ollama(env: Env, model: string): ProviderOptions {
  return {
    provider: 'ollama',
    url: env.OLLAMA_URL,
    standbyUrl: env.OLLAMA_STANDBY_URL,
    model,
    keepAlive: env.OLLAMA_KEEP_ALIVE,
  };
}

function openai(env: Env, apiKey: string, model: string): ProviderOptions {
  return {
    provider: 'openai',
    apiKey,
    baseUrl: env.OPENAI_BASE_URL,
    standbyBaseUrl: env.OPENAI_STANDBY_BASE_URL,
    standbyApiKey: env.OPENAI_STANDBY_API_KEY,
    model,
    // They are said of one model; another has its own.
    dimensions: model === env.OPENAI_MODEL ? env.OPENAI_DIMENSIONS : undefined,
  };
}

function refuse(field: string, message: string): AnimaError {
  return new AnimaError('VALIDATION_ERROR', `${field}: ${message}`, { details: [{ field, message }] });
}
