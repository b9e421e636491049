import type { FastifyInstance } from 'fastify';

/** How long requests in flight may take to finish when the server stops, ms. */
const patienceMs = 10_000;

/**
 * Watches an app's requests, so that it can stop as soon as the last one is answered: connections that
 * are kept alive, or were opened and never used, would keep a listening server open for nothing.
 *
 * @returns goes on answering for so long (ms), each answer the last of its connection, so that clients come back by
 * one that leads elsewhere; then stops listening, lets requests in flight finish (for 10 s at most), and closes every
 * connection
 */
export function gracefulClose(app: FastifyInstance): (drainMs: number) => Promise<void> {
  let inFlight = 0;
  let isDraining = false;
  let isClosing = false;
  const closeConnections = () => app.server.closeAllConnections();
  app.addHook('onRequest', async (_request, { raw: response }) => {
    inFlight += 1;
    if (isDraining) response.setHeader('connection', 'close');
    // Also when the client went away, of which Fastify tells only once there is an answer.
    response.once('close', () => {
      inFlight -= 1;
      if (isClosing && inFlight === 0) closeConnections();
    });
  });
  return async (drainMs) => {
    isDraining = true;
    if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs));
    isClosing = true;
    const impatience = setTimeout(closeConnections, patienceMs);
    const closed = app.close();
    if (inFlight === 0) closeConnections();
    await closed.finally(() => clearTimeout(impatience));
  };
}
