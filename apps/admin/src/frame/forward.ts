const loopbackHost = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?$/i;
const passedOn = ['content-type', 'authorization', 'accept', 'last-event-id', 'x-request-id', 'trpc-accept'];
const returned = ['content-type', 'cache-control', 'retry-after', 'x-request-id', 'x-response-time', 'vary'];

/**
 * Passes a call on to the server and its answer back as it comes, so that what is streamed is streamed here too.
 *
 * Only for pages of this machine: without that, a web page could point a domain of its own at the console and read
 * every memory from its visitor's browser. Where keys are asked for, such a page has no session, and nothing comes here.
 */
export async function forward(request: Request): Promise<Response> {
  if (process.env.ANIMA_AUTH !== 'on' && !loopbackHost.test(request.headers.get('host') ?? '')) {
    return refusal(403, 'the console answers on the loopback interface only: ask localhost or 127.0.0.1');
  }
  const { pathname, search } = new URL(request.url);
  const server = process.env.ANIMA_URL ?? 'http://127.0.0.1:7100';
  try {
    const answer = await fetch(new URL(pathname + search, server), {
      method: request.method,
      headers: only(request.headers, passedOn),
      body: request.body && (await request.arrayBuffer()),
      signal: request.signal,
      cache: 'no-store',
    });
    return new Response(answer.body, { status: answer.status, headers: only(answer.headers, returned) });
  } catch {
    // The page says so, and asks again: to it this is a server that is away.
    return refusal(503, `nothing answers at ${server}`);
  }
}

function only(headers: Headers, names: readonly string[]): Headers {
  const kept = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

function refusal(status: number, message: string): Response {
  return new Response(message, { status, headers: { 'content-type': 'text/plain' } });
}
