import { inject } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

/** A space that no other test uses. */
export const newSpace = () => `test-${crypto.randomUUID()}`;

export async function get(path: string): Promise<Answer> {
  return read(await fetch(new URL(path, inject('url'))));
}

export async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return postText(path, JSON.stringify(body), headers);
}

export async function patch(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const init = {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
  return read(await fetch(new URL(path, inject('url')), init));
}

/** Sends the very bytes, well-formed or not. */
export async function postText(
  path: string,
  body: string | ReadableStream,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = {
    method: 'POST',
    body,
    duplex: 'half' as const,
    headers: { 'content-type': 'application/json', ...headers },
  };
  return read(await fetch(new URL(path, inject('url')), init));
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}
