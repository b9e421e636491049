import Fastify, { type FastifyInstance } from 'fastify';
import { type ApiDependencies, createApi } from '../src/index.ts';

/** A host as the server makes it, without listening; requests are injected. */
export async function hostOf(parts: ApiDependencies): Promise<FastifyInstance> {
  const api = createApi(parts);
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  await app.ready();
  return app;
}
