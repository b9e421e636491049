import type { Env } from './env.ts';

/** What a person sees once the server listens: where things are, and what to try. */
export function welcome(env: Env, running: { readonly url: string; readonly model: string }): string {
  const { url, model } = running;
  const facts = [
    ['memories', database(env)],
    ['model', model],
    ['role', env.ANIMA_ROLE],
    ['keys', env.ANIMA_AUTH === 'on' ? 'needed (anima keys create)' : 'not needed on this machine'],
    ['API', `${url}/api/v1/openapi.json`],
    ['metrics', `${url}/metrics`],
  ].map(([name = '', value = '']) => `  ${name.padEnd(10)}${value}`);
  return ['', `Anima listens on ${url}`, ...facts, '', ...attempts(env, url), 'Ctrl-C stops it.', ''].join('\n');
}

function database({ DATABASE_URL, ANIMA_DATA_DIR }: Env): string {
  if (DATABASE_URL === undefined) return `${ANIMA_DATA_DIR} (embedded PostgreSQL)`;
  const { host, pathname } = new URL(DATABASE_URL);
  return `PostgreSQL at ${host}${pathname}`;
}

function attempts({ ANIMA_ROLE, ANIMA_AUTH }: Env, url: string): string[] {
  if (ANIMA_ROLE === 'worker') return [];
  const key = ANIMA_AUTH === 'on' ? ` -H "authorization: Bearer $ANIMA_API_KEY"` : '';
  const post = (path: string, body: object) => [
    `  curl ${url}/api/v1/memories/${path} -H 'content-type: application/json'${key} \\`,
    `    -d '${JSON.stringify(body)}'`,
  ];
  return [
    'Try',
    ...post('add', { content: 'Ada prefers tea to coffee' }),
    ...post('query', { query: 'what does Ada like to drink?' }),
    '',
  ];
}
