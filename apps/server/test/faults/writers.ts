import { setTimeout as sleep } from 'node:timers/promises';
import { type AnimaClient, createAnimaClient, isAnimaClientError } from '@anima/client';
import type { Ledger } from './ledger.ts';
import { pick, type Random, seededRandom } from './random.ts';
import { type KeyedRequest, type Outcome, send } from './requests.ts';

/** A request is sent again until it is answered; servers that are down this long do not come back. */
const answeredWithinMs = 90_000;

/** What may become of an attempt whose server is killed, stops, or is cut off; nothing else may. */
const passing = new Set(['NETWORK_ERROR', 'TIMEOUT', 'ABORTED', 'UNAVAILABLE', 'OVERLOADED']);

/** Where they write; each on a shard of its own. */
export const writtenSpaces = ['north', 'east', 'south', 'west'] as const;

const words = 'amber birch cedar delta ember fjord grove heron inlet juniper kelp lagoon maple nettle otter pine'.split(
  ' ',
);

export interface WritersOptions {
  readonly seed: number;
  readonly ledger: Ledger;
  /** Where servers listen now; it may be empty for a while. */
  readonly urls: () => readonly string[];
  /** Whether every request must be answered well when it is sent first, by clients that wait for it. Default false. */
  readonly areSpared?: boolean;
}

export interface Writers {
  /** False once they were told to stop, or one of them met what no fault excuses. */
  areGoingOn(): boolean;
  /** Resolves once that many more requests are acknowledged. */
  acknowledge(count: number): Promise<void>;
  /** Resolves once that many more attempts have failed. */
  fail(count: number): Promise<void>;
  /** Resolves once a request that was sent after now is acknowledged, with how long that took, ms. */
  answered(): Promise<number>;
  /**
   * No request begins any more; resolves when those that have begun are answered.
   *
   * @throws Error at an answer that no fault excuses, or when a repeated request was answered otherwise
   */
  stop(): Promise<void>;
}

/**
 * Eight clients at once, each one request at a time: new memories, known ones, queries in conversations,
 * citations. Impatient as clients are, they cut connections and send again, send to two servers at once,
 * and repeat what was answered.
 */
export function startWriters({ seed, ledger, urls, areSpared = false }: WritersOptions): Writers {
  const stopping = new AbortController();
  const seen: Seen = { failed: 0, sentAt: 0 };
  const clients = new Map<string, AnimaClient>();
  const clientAt = (url: string) => {
    const client = clients.get(url) ?? createAnimaClient({ url, retries: 0, timeoutMs: 10_000 });
    clients.set(url, client);
    return client;
  };
  const listening = () => urls().map(clientAt);

  const answer = (request: KeyedRequest, random: Random) =>
    areSpared ? sendOnce(request, random, listening(), seen) : sendUntilAnswered(request, random, listening, seen);

  const write = async (_: unknown, index: number) => {
    const random = seededRandom(seed * 100 + index);
    while (!stopping.signal.aborted) {
      const request = nextRequest(random, ledger);
      const outcome = await answer(request, random);
      ledger.enter(request, outcome);
      if (random() < 0.15) expectSame(request, outcome, await answer(request, random));
    }
  };
  const writing = Promise.all(Array.from({ length: 8 }, write));
  writing.catch(() => stopping.abort());

  const until = async (isSo: () => boolean) => {
    while (!isSo() && !stopping.signal.aborted) await sleep(2);
    if (stopping.signal.aborted) await writing;
  };

  return {
    areGoingOn: () => !stopping.signal.aborted,
    acknowledge(count) {
      const goal = ledger.acknowledged + count;
      return until(() => ledger.acknowledged >= goal);
    },
    fail(count) {
      const goal = seen.failed + count;
      return until(() => seen.failed >= goal);
    },
    async answered() {
      const begun = performance.now();
      await until(() => seen.sentAt >= begun);
      return performance.now() - begun;
    },
    async stop() {
      stopping.abort();
      await writing;
    },
  };
}

function nextRequest(random: Random, ledger: Ledger): KeyedRequest {
  const key = crypto.randomUUID();
  const space = pick(random, writtenSpaces);
  const conversationId = random() < 0.8 ? `talk-${Math.floor(6 * random())}` : undefined;
  const kind = random();
  if (kind < 0.3) return { kind: 'add', key, space, conversationId, contents: [content(random)] };
  if (kind < 0.35) {
    const one = content(random);
    return { kind: 'add', key, space, conversationId, contents: [one, content(random), one] };
  }
  const recalls = ledger.recentRecalls(20);
  if (kind < 0.5 && recalls.length > 0) {
    const { recallId, memoryIds, space: itsSpace } = pick(random, recalls);
    return {
      kind: 'cite',
      key,
      space: itsSpace,
      recallId,
      memoryIds: memoryIds.slice(0, 1 + Math.floor(2 * random())),
    };
  }
  const query = `${pick(random, words)} and ${pick(random, words)}`;
  return { kind: 'query', key, space, query, conversationId, limit: 2 + Math.floor(19 * random()) };
}

/** Half of what is said was said before, or is being said by someone else at this moment. */
function content(random: Random): string {
  const isKnown = random() < 0.5;
  const number = Math.floor((isKnown ? 10 : 1_000_000) * random());
  return isKnown
    ? `the ${words[number % 5]} meets the ${words[5 + (number % 5)]} again`
    : `the ${pick(random, words)} meets the ${pick(random, words)} on day ${number}`;
}

/** What the writers of a run have seen together. */
interface Seen {
  /** Attempts that were not answered. */
  failed: number;
  /** When the latest of the attempts that were answered was sent (`performance.now`). */
  sentAt: number;
}

async function sendOnce(
  request: KeyedRequest,
  random: Random,
  clients: readonly AnimaClient[],
  seen: Seen,
): Promise<Outcome> {
  const sentAt = performance.now();
  const outcome = await send(pick(random, clients), request).catch((cause: unknown) => {
    throw new Error(`a ${request.kind} failed, which nothing excuses`, { cause });
  });
  seen.sentAt = Math.max(seen.sentAt, sentAt);
  return outcome;
}

async function sendUntilAnswered(
  request: KeyedRequest,
  random: Random,
  listening: () => readonly AnimaClient[],
  seen: Seen,
): Promise<Outcome> {
  const begun = Date.now();
  while (Date.now() - begun < answeredWithinMs) {
    const clients = listening();
    if (clients.length > 0) {
      const sentAt = performance.now();
      const [outcome, ...more] = await attempt(request, random, clients);
      for (const other of more) if (outcome) expectSame(request, outcome, other);
      if (outcome) {
        seen.sentAt = Math.max(seen.sentAt, sentAt);
        return outcome;
      }
      seen.failed += 1;
    }
    await sleep(20 + 80 * random());
  }
  throw new Error(`a ${request.kind} was not answered within ${answeredWithinMs} ms`);
}

/** One attempt, or two at once; the outcomes of those that were answered. */
async function attempt(request: KeyedRequest, random: Random, clients: readonly AnimaClient[]): Promise<Outcome[]> {
  const mood = random();
  const signal = mood < 0.15 ? AbortSignal.timeout(Math.ceil(30 * random())) : undefined;
  const chosen = mood > 0.9 ? [pick(random, clients), pick(random, clients)] : [pick(random, clients)];
  const attempts = await Promise.allSettled(chosen.map((client) => send(client, request, signal)));
  return attempts.flatMap((each) => {
    if (each.status === 'fulfilled') return [each.value];
    if (isAnimaClientError(each.reason) && passing.has(each.reason.code)) return [];
    throw new Error(`a ${request.kind} failed`, { cause: each.reason });
  });
}

function expectSame(request: KeyedRequest, first: Outcome, again: Outcome): void {
  if (JSON.stringify(first) === JSON.stringify(again)) return;
  throw new Error(`a repeated ${request.kind} was answered otherwise: ${JSON.stringify([first, again])}`);
}
