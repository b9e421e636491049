import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 26rem; margin: 18vh auto 0; padding: 0 1rem; }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
  input, button { padding: .5rem .75rem; margin-top: .5rem; }
  p[role=alert] { color: light-dark(#c92a2a, #ff8787); }`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Where a key is asked for: a form, and no script. */
export function signInPage(response: ServerResponse, status: number, problem?: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  response.end(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in · Anima</title><style>${style}</style></head>
<body><main>
<h1>Anima</h1>
${problem === undefined ? '' : `<p role="alert">${problem}</p>`}
<form method="post" action="/sign-in">
<label for="key">A key of this server</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Sign in</button>
</form>
<p>One of your own: <code>anima keys create "console" --role admin</code></p>
</main></body></html>`);
}
