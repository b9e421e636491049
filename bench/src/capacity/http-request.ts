import { Agent, request } from 'node:http';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** @returns the status, once the answer was read to its end */
export async function send(agent: Agent, baseUrl: string, { method, path, headers, body }: HttpRequest) {
  const ended = Promise.withResolvers<number>();
  const sent = request(new URL(path, baseUrl), { agent, method, headers }, (response) => {
    response.once('error', ended.reject).once('end', () => ended.resolve(response.statusCode ?? 0));
    response.resume();
  });
  sent.once('error', ended.reject);
  sent.end(body);
  return ended.promise;
}

/** Connections that are kept, as many as are needed at a time, or at most so many. */
export function openAgent(maxSockets = Number.POSITIVE_INFINITY): Agent {
  return new Agent({ keepAlive: true, maxSockets });
}
