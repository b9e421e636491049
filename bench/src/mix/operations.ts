import { z } from 'zod';
import type { Random } from '../random.ts';
import type { Turn } from './dialogue.ts';

/** The operations of the reference load, and the share of each. */
export const shares = { add: 0.2, query: 0.6, bootstrap: 0.2 } as const;

export type Operation = keyof typeof shares;

export const operationNames = Object.keys(shares) as Operation[];

/** The p95 that each operation is held to, ms. */
export type P95Targets = Readonly<Record<Operation, number>>;

/** What Anima promises, whatever the model. */
export const promised: P95Targets = { add: 150, query: 300, bootstrap: 200 };

export function inWords(targets: P95Targets): string {
  return operationNames.map((name) => `${name} ${targets[name]} ms`).join(', ');
}

/** How one request ended. */
export interface Outcome {
  /** Absent when it succeeded. */
  readonly error?: string;
  readonly isPending?: boolean;
  readonly isDegraded?: boolean;
}

const success = z.object({
  success: z.literal(true),
  data: z.object({ embedding: z.string().optional() }),
  meta: z.object({ degraded: z.string().optional() }),
});
const failure = z.object({ error: z.object({ code: z.string() }) });

export function pickOperation(random: Random): Operation {
  let rest = random();
  for (const name of operationNames) {
    rest -= shares[name];
    if (rest < 0) return name;
  }
  return 'bootstrap';
}

/** What a user of the load sends. */
export interface User {
  readonly baseUrl: string;
  readonly space: string;
  readonly conversationId: string;
  readonly random: Random;
  nextTurn(): Turn;
  nextQuery(random: Random): string;
}

/** Sends one request over REST, as any program would, and reads the answer to its end. */
export async function perform(operation: Operation, user: User): Promise<Outcome> {
  try {
    const response = await request(operation, user);
    const answer: unknown = await response.json();
    if (!response.ok) {
      return { error: `${response.status} ${failure.safeParse(answer).data?.error.code ?? 'without a code'}` };
    }
    const { data, meta } = success.parse(answer);
    return { isPending: data.embedding === 'pending', isDegraded: meta.degraded !== undefined };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function request(operation: Operation, user: User): Promise<Response> {
  const { space, conversationId, random } = user;
  switch (operation) {
    case 'add':
      return post(user, 'add', { content: user.nextTurn().content, conversationId, space });
    case 'query':
      return post(user, 'query', { query: user.nextQuery(random), limit: 20, conversationId, space });
    case 'bootstrap':
      return fetch(`${user.baseUrl}/api/v1/memories/bootstrap?${new URLSearchParams({ limit: '50', space })}`);
  }
}

function post({ baseUrl }: User, name: string, body: object): Promise<Response> {
  return fetch(`${baseUrl}/api/v1/memories/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
