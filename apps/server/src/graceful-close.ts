import type { FastifyInstance } from 'fastify';

/** How long requests in flight may take to finish when the server stops, ms. */
const drainMs = 10_000;

/**
 * Watches an app's requests, so that it can stop as soon as the last one is answered: connections that
 * are kept alive, or were opened and never used, would keep a listening server open for nothing.
 *
 * @returns stops listening, lets requests in flight finish (for 10 s at most), and closes every connection
 */
export function gracefulClose(app: FastifyInstance): () => Promise<void> {
  let inFlight = 0;
  let isClosing = false;
  const closeConnections = () => app.server.closeAllConnections();
  app.addHook('onRequest', async (_request, { raw: response }) => {
    inFlight += 1;
    // Also when the client went away, of which Fastify tells only once there is an answer.
    response.once('close', () => {
      inFlight -= 1;
      if (isClosing && inFlight === 0) closeConnections();
    });
  });
  return async () => {
    isClosing = true;
    const impatience = setTimeout(closeConnections, drainMs);
    const closed = app.close();
    if (inFlight === 0) closeConnections();
    await closed.finally(() => clearTimeout(impatience));
  };
}
