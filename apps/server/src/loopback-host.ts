import { AnimaError } from '@anima/core';
import type { FastifyInstance } from 'fastify';

const loopbackHost = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?$/i;

/**
 * Refuses requests that were not sent to the loopback interface by name. Without it, a web page could
 * point a domain of its own at 127.0.0.1 and read every memory from the visitor's browser. Where a key is asked for,
 * that page has none, and this is not needed.
 */
export function requireLoopbackHost(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    if (headers.host !== undefined && loopbackHost.test(headers.host)) return;
    throw new AnimaError('FORBIDDEN', 'this server answers on the loopback interface only: ask localhost or 127.0.0.1');
  });
}
