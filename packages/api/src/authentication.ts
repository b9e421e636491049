import { AnimaError, anyone, type KeyStore, type Principal } from '@anima/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nobody has to be known: no operation lets that pass. */
    principal: Principal | undefined;
    /** @throws AnimaError `UNAUTHORIZED` when the key opens nothing any more */
    confirm(): Promise<void>;
  }
  interface FastifyContextConfig {
    /** Answers whoever asks, with or without a key: what balancers and probes need. */
    isPublic?: boolean;
  }
}

const bearer = /^Bearer +([^\s]+)$/i;

/**
 * Finds out who asks, before anything of a request is read. Without `keys`, everybody is anyone. A route that does not
 * say that it is public answers nobody whose key is not known, and so does a path that no route has.
 *
 * @param countTry hears of each key that is not valid, and may refuse to hear of more
 */
export function authenticate(
  app: FastifyInstance,
  keys: Pick<KeyStore, 'principalOf'> | undefined,
  countTry: (request: FastifyRequest) => Promise<void>,
): void {
  app.decorateRequest('principal', undefined);
  app.decorateRequest('confirm', async function confirm(this: FastifyRequest) {
    if (keys) await known(keys, this);
  });
  app.addHook('onRequest', async (request) => {
    if (!keys) request.principal = anyone;
    else if (!request.routeOptions.config.isPublic) {
      try {
        request.principal = await known(keys, request);
      } catch (error) {
        const isWrong = error instanceof AnimaError && error.code === 'UNAUTHORIZED';
        if (isWrong && request.headers.authorization !== undefined) await countTry(request);
        throw error;
      }
    }
  });
}

async function known(keys: Pick<KeyStore, 'principalOf'>, { headers }: FastifyRequest): Promise<Principal> {
  const [, key] = bearer.exec(headers.authorization ?? '') ?? [];
  if (key === undefined) throw new AnimaError('UNAUTHORIZED', 'a key is needed: send "Authorization: Bearer KEY"');
  const principal = await keys.principalOf(key);
  // One sentence for all that can be wrong with a key: which it is helps nobody but a thief.
  if (!principal) throw new AnimaError('UNAUTHORIZED', 'this key is not valid: unknown, expired or revoked');
  return principal;
}
