import { AnimaError, projections, type Space } from '@anima/core';
import { sql } from 'kysely';
import { countLexemes } from '../../src/jobs/count-lexemes.ts';
import { expireDue } from '../../src/jobs/expire-due.ts';
import type { WorkerContext } from '../../src/jobs/worker-context.ts';
import { ChangeLog } from '../../src/log/change.ts';
import { readEvents } from '../../src/log/read-events.ts';
import { foldNextBatch } from '../../src/projections/fold-shard.ts';
import { projectionRules } from '../../src/projections/rules.ts';
import { answering } from '../../src/unavailable.ts';
import { atMost, type Opened } from '../engines.ts';
import { vectorOf } from '../word-model.ts';
import type { Answer, Request, Seen } from './requests.ts';

/** Refusals that are answers; everything else is a failure, or a request whose outcome nobody heard. */
const refusals = new Set(['CONFLICT', 'NOT_FOUND', 'VALIDATION_ERROR']);

/** The real store as the model's counterpart: it does what is asked, and says what came of it. */
export class LifeSubject {
  readonly opened: Opened;
  readonly space: Space;
  /** Vectors that are there, by memory and version. */
  readonly embedded = new Set<string>();
  /** Names of conversations by the id that the log has. */
  readonly conversations = new Map<string, string>();
  #position = 0;

  constructor(opened: Opened, space: Space) {
    this.opened = opened;
    this.space = space;
  }

  /** @throws what is no answer */
  async ask(request: Request): Promise<Answer> {
    try {
      return { value: await answering(() => this.#send(request))() };
    } catch (error) {
      if (error instanceof AnimaError && refusals.has(error.code)) return { code: error.code };
      throw error;
    }
  }

  async #send(request: Request): Promise<unknown> {
    const { store } = this.opened;
    const { space } = this;
    const { key, ...body } = request;
    const keyed = key === undefined ? undefined : { key, operation: request.kind, body };
    switch (request.kind) {
      case 'add': {
        const outcomes = await store.add(space, request.memories, keyed);
        return outcomes.map(({ memoryId, version, isNew }) => ({ memoryId, version, isNew }));
      }
      case 'query': {
        const { text: query, conversationId, record, filters } = request;
        const { category } = filters;
        const { recallId, memories } = await this.opened.query(space, {
          ...{ query, record, limit: 100 },
          ...(category === undefined ? {} : { category }),
          ...(conversationId === null ? {} : { conversationId }),
          ...(key === undefined ? {} : { idempotencyKey: key }),
        });
        return { recallId, ids: memories.map(({ id }) => id) };
      }
      case 'cite': {
        const { cited } = await store.cite(space, request.recallId, request.ids, keyed);
        return { cited: cited.toSorted() };
      }
      case 'update':
        return await store.update(space, request.id, request.changes, keyed);
      case 'forget':
      case 'restore':
      case 'erase':
        return inOrder(await store[request.kind](space, request.ids, keyed));
      case 'setTier':
        return inOrder(await store.setTier(space, request.ids, request.tier, request.reason, keyed));
      case 'mark':
        return inOrder(await store.mark(space, request.ids, request.catalyst, keyed));
      case 'merge':
        return (await store.merge(space, request.pair, request.similarity, keyed)) ?? null;
      case 'unmerge':
        return await store.unmerge(space, request.id, keyed);
      case 'decay': {
        const { cutoff, factor } = request;
        const facts = [{ type: 'space.decayed' as const, memoryIds: [], payload: { cutoff, factor } }];
        return await this.#changes.change(space, undefined, async () => ({ outcome: 'space.decayed', facts }));
      }
      case 'expire': {
        const spaces = { open: (name: string) => store.openSpace(name) };
        // What it needs of a worker; the rest of it is about models and queues.
        const context = { engine: this.opened.engine, changes: this.#changes, spaces } as unknown as WorkerContext;
        await expireDue(context);
        return null;
      }
      case 'configure':
        return await store.configure(space, request.changes, keyed);
    }
  }

  get #changes(): ChangeLog {
    return new ChangeLog(this.opened.db, () => undefined);
  }

  /** Stores the vector of a content, as a worker does some time later. */
  async embed(memoryId: string, version: number, content: string): Promise<void> {
    await this.opened.store.saveVectors(this.space, [{ memoryId, version, chunks: [vectorOf(content)] }]);
    this.embedded.add(`${memoryId} ${version}`);
  }

  async fold(size: number): Promise<void> {
    for (const name of projections) {
      await foldNextBatch(this.opened.db, projectionRules[name], this.space.shard, atMost(size));
    }
  }

  async countLexemes(size: number): Promise<number> {
    return countLexemes(this.opened.db, this.space.shard, size);
  }

  /** What the log has more than when it was read last. */
  async newEvents(): Promise<Seen[]> {
    const { shard, id } = this.space;
    const { rows } = await sql<{ id: string; name: string }>`
      select conversation_id as id, name from conversations where shard = ${shard} and space_id = ${id}`.execute(
      this.opened.db,
    );
    for (const { id: interned, name } of rows) this.conversations.set(interned, name);
    const range = { after: this.#position, limit: Number.MAX_SAFE_INTEGER };
    const events = await readEvents(this.opened.db, shard, range);
    this.#position += events.length;
    return events.map((event) => ({ ...event, conversation: this.conversationOf(event.conversationId) }));
  }

  /** Keys of the requests whose outcome is kept, sorted. */
  async rememberedKeys(): Promise<string[]> {
    const { shard, id } = this.space;
    const { rows } = await sql<{ key: string }>`
      select key from requests where shard = ${shard} and space_id = ${id}`.execute(this.opened.db);
    return rows.map(({ key }) => key).toSorted();
  }

  conversationOf(interned: string | null): string | null {
    if (interned === null) return null;
    const name = this.conversations.get(interned);
    if (name === undefined) throw new Error(`the log names a conversation ${interned} that nobody knows`);
    return name;
  }
}

function inOrder<T extends { readonly changed: readonly string[] }>(outcome: T): T {
  return { ...outcome, changed: outcome.changed.toSorted() };
}
