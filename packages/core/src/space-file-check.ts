import { AnimaError } from './errors.ts';
import { decodeEvent, type LogEvent } from './events.ts';
import type { Visibility } from './memory-state.ts';
import {
  faultyLine,
  type SpaceFileEvent,
  type SpaceFileHeader,
  type SpaceFileLine,
  type SpaceFileMemory,
} from './space-file.ts';

/** Kinds of lines, in the order in which they stand in a file. */
const order = ['header', 'conversation', 'memory', 'version', 'event', 'trailer'] as const;

/** A time that both the database and JavaScript know, epoch ms. */
const furthestTime = 8.64e15;

/** What the events say of a memory, against what its line says. */
interface Known {
  readonly line: number;
  readonly said: Pick<SpaceFileMemory, 'version' | 'visibility' | 'mergedInto' | 'createdAt'>;
  isAdded: boolean;
  version: number;
  visibility: Visibility;
  mergedInto: string | null;
}

/**
 * Whether the lines of a space file add up: what the log would halt at, or what no server would have written, is
 * refused before anything is made of it. Takes one line after the other and keeps a few numbers of each memory.
 */
export class SpaceFileCheck {
  readonly #now: string;
  readonly #memories = new Map<string, Known>();
  readonly #counts = { header: 0, conversation: 0, memory: 0, version: 0, event: 0, trailer: 0 };
  #line = 0;
  #header: SpaceFileHeader | undefined;
  #latest: SpaceFileLine['kind'] = 'header';
  #lastKey = '';
  #lastRecordedAt = '';

  /** @param now as the file writes it: the log knows nothing later */
  constructor(now: string) {
    this.#now = now;
  }

  /** @throws AnimaError `VALIDATION_ERROR` naming the line */
  take(line: SpaceFileLine): void {
    this.#line += 1;
    this.#expect((line.kind === 'header') === (this.#line === 1), 'a header stands in the first line, and only there');
    this.#expect(
      order.indexOf(line.kind) >= order.indexOf(this.#latest),
      `a ${line.kind} cannot stand behind a ${this.#latest}`,
    );
    if (line.kind !== this.#latest) this.#lastKey = '';
    this.#latest = line.kind;
    this.#counts[line.kind] += 1;
    switch (line.kind) {
      case 'header':
        this.#header = line;
        break;
      case 'conversation':
        this.#inOrder(line.id);
        break;
      case 'memory':
        this.#takeMemory(line);
        break;
      case 'version':
        this.#inOrder(`${line.memoryId} ${String(line.version).padStart(10, '0')}`);
        this.#expect(
          line.version < (this.#memories.get(line.memoryId)?.said.version ?? 0),
          'is a version that its memory does not have',
        );
        break;
      case 'event':
        this.#takeEvent(line);
        break;
      case 'trailer':
        this.#takeTrailer(line);
        break;
    }
  }

  #takeMemory(memory: SpaceFileMemory): void {
    this.#inOrder(memory.id);
    const isErased = memory.visibility === 'erased';
    this.#expect(isErased === (memory.content === ''), 'a memory is empty when it is erased, and only then');
    this.#expect(!(isErased && memory.claimsContent), 'an erased memory claims no content');
    const { version, visibility, mergedInto, createdAt } = memory;
    const said = { version, visibility, mergedInto, createdAt };
    const unknown = { isAdded: false, version: 1, visibility: 'live', mergedInto: null } as const;
    this.#memories.set(memory.id, { line: this.#line, said, ...unknown });
  }

  #takeEvent(line: SpaceFileEvent): void {
    const { recordedAt } = line;
    this.#expect(recordedAt >= this.#lastRecordedAt, 'was recorded before the event that it follows');
    this.#lastRecordedAt = recordedAt;
    this.#expect(
      recordedAt <= this.#now,
      `was recorded at ${recordedAt}, which is in the future by this server's clock`,
    );
    const event = this.#decode(line);
    if (line.turn) this.#expect(line.conversationId !== null && isOfOne(event), 'is no turn of a conversation');
    if (line.reason !== undefined) this.#expect(event.type === 'memory.tiered', 'has a reason, which only tiers have');
    for (const id of event.memoryIds) this.#tell(event, id, recordedAt);
    this.#checkPayload(event);
  }

  /** An event that cannot be decoded would halt its shard. */
  #decode(line: SpaceFileEvent): LogEvent {
    const { id, type, schemaVersion, conversationId, memoryIds, payload } = line;
    try {
      return decodeEvent({
        ...{ shard: 0, position: this.#line, spaceId: this.#header?.space },
        ...{ id, type, schemaVersion, conversationId, memoryIds, payload, recordedAt: 0 },
      });
    } catch (error) {
      if (!(error instanceof AnimaError)) throw error;
      throw faultyLine(this.#line, `is no event that this server knows (${type}): it may come from a newer one`);
    }
  }

  #tell(event: LogEvent, id: string, recordedAt: string): void {
    const known = this.#memories.get(id);
    this.#expect(known, `names memory ${id}, which the file does not have`);
    this.#expect(known.isAdded === (event.type !== 'memory.added'), `adds memory ${id} twice, or names it before`);
    switch (event.type) {
      case 'memory.added':
        this.#expect(recordedAt === known.said.createdAt, `adds memory ${id} at another time than the memory says`);
        known.isAdded = true;
        return;
      case 'memory.updated':
        known.version = event.payload.version;
        return;
      case 'memory.accessed':
        if (event.payload.via === 'duplicate' && event.payload.revived) known.visibility = 'live';
        return;
      case 'memory.forgotten':
        known.visibility = 'hidden';
        return;
      case 'memory.restored':
        known.visibility = 'live';
        return;
      case 'memory.expired':
        known.visibility = 'expired';
        return;
      case 'memory.erased':
        known.visibility = 'erased';
        return;
    }
  }

  #checkPayload(event: LogEvent): void {
    switch (event.type) {
      case 'memory.added':
        this.#expect(event.memoryIds.length === 1, 'adds not one memory');
        break;
      case 'memory.accessed':
        this.#expect(event.payload.via === 'query' || isOfOne(event), 'is a duplicate of not one memory');
        break;
      case 'memory.cited':
        this.#expect(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(event.payload.recallId), 'cites no recall');
        break;
      case 'space.decayed':
        this.#expect(Math.abs(event.payload.cutoff) <= furthestTime, 'has a cutoff that is no time');
        break;
      case 'memory.merged':
      case 'memory.unmerged':
        this.#link(event);
        break;
    }
  }

  /** Only what stands for itself is merged, into what stands for itself: so no chain bites its tail. */
  #link(event: LogEvent & { readonly type: 'memory.merged' | 'memory.unmerged' }): void {
    const { survivor, merged } = event.payload;
    const [first, second] = [this.#memories.get(survivor), this.#memories.get(merged)];
    const namesBoth = event.memoryIds.length === 2 && event.memoryIds[0] === survivor && event.memoryIds[1] === merged;
    this.#expect(namesBoth && first && second && first !== second, 'does not name the two that it is about');
    if (event.type === 'memory.merged') {
      this.#expect(first.mergedInto === null && second.mergedInto === null, 'merges what is merged already');
      second.mergedInto = survivor;
      second.visibility = 'merged';
    } else {
      this.#expect(second.mergedInto === survivor, 'parts what was not merged');
      second.mergedInto = null;
      second.visibility = 'live';
    }
  }

  #takeTrailer({ lines, counts }: Extract<SpaceFileLine, { readonly kind: 'trailer' }>): void {
    this.#expect(lines === this.#line - 1, `speaks of ${lines} lines, and there are ${this.#line - 1}`);
    const { conversation, memory, version, event } = this.#counts;
    const isRight =
      counts.conversations === conversation &&
      counts.memories === memory &&
      counts.versions === version &&
      counts.events === event;
    this.#expect(isRight, 'speaks of other numbers of lines than there are');
    for (const [id, { line, said, ...told }] of this.#memories) {
      if (!told.isAdded) throw faultyLine(line, `no event adds memory ${id}`);
      for (const field of ['version', 'visibility', 'mergedInto'] as const) {
        if (said[field] === told[field]) continue;
        throw faultyLine(line, `${field}: is ${said[field]}, and by its events ${told[field]}`);
      }
    }
  }

  /** Lines of a kind stand in the order of their ids, so that none can stand twice. */
  #inOrder(key: string): void {
    this.#expect(key > this.#lastKey, 'does not stand in the order of ids');
    this.#lastKey = key;
  }

  #expect(holds: unknown, otherwise: string): asserts holds {
    if (!holds) throw faultyLine(this.#line, otherwise);
  }
}

function isOfOne({ type, memoryIds }: LogEvent): boolean {
  return memoryIds.length === 1 && (type === 'memory.added' || type === 'memory.accessed');
}
