import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { repeatedQueries } from '../src/mix/dialogue.ts';
import { withTarget } from '../src/target.ts';

const script = fileURLToPath(new URL('../k6/mix.js', import.meta.url));
const standIn = fileURLToPath(new URL('./k6-stand-in.ts', import.meta.url));

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  readonly body: string | null;
  readonly headers?: Record<string, string>;
  readonly tags: { readonly operation: string };
}

interface Ran {
  readonly options: { readonly stages: unknown; readonly thresholds: Record<string, string[]> };
  readonly sent: readonly Sent[];
  readonly slept: readonly number[];
}

async function runScript(url: string, iterations: number): Promise<Ran> {
  const { stdout } = await promisify(execFile)(process.execPath, [standIn, script, url, String(iterations)]);
  return JSON.parse(stdout);
}

it('is the reference load: stages, thresholds, shares, texts and thought', async () => {
  const { options, sent, slept } = await runScript('http://127.0.0.1:1', 4_000);
  expect(options.stages).toEqual([
    { duration: '30s', target: 10 },
    { duration: '60s', target: 50 },
    { duration: '120s', target: 50 },
    { duration: '30s', target: 0 },
  ]);
  expect(options.thresholds).toEqual({
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(95)<400'],
    'http_req_duration{operation:add}': ['p(95)<200'],
    'http_req_duration{operation:query}': ['p(95)<400'],
    'http_req_duration{operation:bootstrap}': ['p(95)<250'],
  });
  const shareOf = (operation: string) => sent.filter(({ tags }) => tags.operation === operation).length / sent.length;
  expect(shareOf('add')).toBeCloseTo(0.2, 1);
  expect(shareOf('query')).toBeCloseTo(0.6, 1);
  expect(shareOf('bootstrap')).toBeCloseTo(0.2, 1);
  const asked = new Set(
    sent.flatMap(({ tags, body }) => (tags.operation === 'query' ? JSON.parse(body ?? '').query : [])),
  );
  expect(asked).toEqual(new Set(repeatedQueries));
  expect(new Set(slept)).toEqual(new Set([1]));
  expect(slept).toHaveLength(4_000);
});

it('sends what a server takes, at paths that its OpenAPI has', { timeout: 60_000 }, async () => {
  await withTarget({ engine: 'pglite' }, async ({ url }) => {
    const openapi = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      readonly paths: Record<string, object>;
    };
    const { sent } = await runScript(url, 40);
    expect(new Set(sent.map(({ tags }) => tags.operation))).toEqual(new Set(['add', 'query', 'bootstrap']));
    for (const { method, target, body, headers } of sent) {
      expect(openapi.paths[new URL(target).pathname]).toHaveProperty(method.toLowerCase());
      const response = await fetch(target, { method, ...(headers ? { headers } : {}), ...(body ? { body } : {}) });
      expect([200, 201], await response.text()).toContain(response.status);
    }
  });
});
