import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Sessions } from './sessions.ts';
import { signInPage } from './sign-in-page.ts';

const cookieName = 'anima_session';
/** A key has 62 characters. */
const longestForm = 1_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * Lets nobody pass who has not signed in with a key of the server. Whoever has is asked for as the holder of that key:
 * the browser keeps the name of a session, which no script can read and no other site can send.
 *
 * @param server where the Anima server is
 * @param beyond what lies behind the gate
 */
export function gate(server: string, beyond: Handler): Handler {
  const sessions = new Sessions();
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://console');
    // Set by this gate alone.
    delete request.headers.authorization;
    if (!isOfThisSite(request)) return refuse(response, 403, 'pages of other sites may not use the console');
    const session = sessionOf(request);
    if (pathname === '/sign-in') return signIn(server, sessions, request, response);
    if (pathname === '/sign-out' && request.method === 'POST') {
      sessions.end(session);
      return redirect(response, '/sign-in', `${cookieName}=; Path=/; Max-Age=0`);
    }
    // What a page is made of holds no memories.
    if (pathname.startsWith('/_next/static/')) return beyond(request, response);
    const key = sessions.keyOf(session);
    if (key === undefined) {
      if (pathname.startsWith('/trpc/')) return refuse(response, 401, 'sign in first');
      return redirect(response, '/sign-in');
    }
    if (!pathname.startsWith('/trpc/') && isPage(request) && (await holderOf(server, key)) === 'nobody') {
      sessions.end(session);
      return redirect(response, '/sign-in');
    }
    request.headers.authorization = `Bearer ${key}`;
    return beyond(request, response);
  };
}

async function signIn(
  server: string,
  sessions: Sessions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return signInPage(response, 200);
  if (Number(request.headers['content-length'] ?? longestForm + 1) > longestForm) {
    return signInPage(response, 413, 'That is no key.');
  }
  const key = new URLSearchParams(await text(request)).get('key')?.trim() ?? '';
  const holder = await holderOf(server, key);
  if (holder === 'nobody') return signInPage(response, 401, 'This key is not valid: unknown, expired or revoked.');
  if (holder === 'unknown') return signInPage(response, 503, 'The server does not answer; try again in a moment.');
  const secure = request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  redirect(response, '/', `${cookieName}=${sessions.begin(key)}; Path=/; HttpOnly; SameSite=Strict${secure}`);
}

/** Whether the server knows the key; `unknown` when it does not say. */
async function holderOf(server: string, key: string): Promise<'somebody' | 'nobody' | 'unknown'> {
  if (!/^[\w-]{1,200}$/.test(key)) return 'nobody';
  try {
    const answer = await fetch(new URL('/trpc/meta.whoAmI', server), {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(5_000),
    });
    await answer.body?.cancel();
    if (answer.status === 401) return 'nobody';
    return answer.ok ? 'somebody' : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Browsers say from where a request comes; what says nothing is no browser, and has no session either. */
function isOfThisSite({ headers, method }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  // A link from elsewhere may lead here; it brings no session, because the cookie is strict.
  if (site === 'cross-site' || site === 'same-site')
    return method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
}

function isPage({ headers, method }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function sessionOf({ headers }: IncomingMessage): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim().split('='));
  return cookies.find(([name]) => name === cookieName)?.[1];
}

function redirect(response: ServerResponse, location: string, cookie?: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store', ...(cookie ? { 'set-cookie': cookie } : {}) });
  response.end();
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(message);
}
