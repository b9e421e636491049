import { AnimaError, type SharedRedis } from '@anima/core';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sharedCounts } from './shared-counts.ts';

const minuteMs = 60_000;

/** Keys that are not valid which one address may try in a minute. */
const triesPerMinute = 30;

/** Keys and addresses that one process counts at most; of more, those that asked longest ago begin anew. */
const mostCounted = 10_000;

/**
 * Bounds what one key may ask for, and says in the headers of each answer how much is left. Only where keys are asked
 * for: without, there is nobody but this machine.
 *
 * @param perMinute requests of one key; a batch is one
 * @param redis where all processes count together; without, each counts for itself
 * @returns counts a try with a key that is not valid. @throws AnimaError `RATE_LIMITED` when there were too many
 */
export async function limitRates(
  app: FastifyInstance,
  perMinute: number,
  redis: Pick<SharedRedis, 'count'> | undefined,
): Promise<(request: FastifyRequest) => Promise<void>> {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: minuteMs,
    enableDraftSpec: true,
    ...(redis ? { store: sharedCounts(redis, mostCounted) } : { cache: mostCounted }),
    keyGenerator: ({ principal, ip }) => principal?.keyId ?? ip,
    allowList: ({ routeOptions }) => routeOptions.config.isPublic === true,
    errorResponseBuilder: (_request, { max, after }) =>
      new AnimaError('RATE_LIMITED', `this key may ask ${max} times a minute: ask again in ${after}`),
  });
  const countTry = app.createRateLimit({ max: triesPerMinute, keyGenerator: ({ ip }) => `tries ${ip}` });
  return async (request) => {
    const { isAllowed, ...tries } = await countTry(request);
    if (isAllowed || !('isExceeded' in tries) || !tries.isExceeded) return;
    throw new AnimaError('RATE_LIMITED', 'too many keys that are not valid were tried from here: wait a minute');
  };
}
