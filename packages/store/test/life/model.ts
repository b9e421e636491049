import type { LogEvent, MemoryChanges, NewMemory, Visibility } from '@anima/core';
import { catalyze, type Life, newLife, type Shown, showLife } from './life.ts';
import { type Answer, Refusal, type Request, type Seen, Unexplained } from './requests.ts';

/**
 * What may happen to the memories of a space, a second time: a few maps, written from the rules in words and
 * from nothing of core. It is told what the log gave (positions, times, new ids) and says everything else.
 */

interface Remembered {
  readonly request: string;
  readonly answer: Answer;
  /** Memories that it is about: once one of them is erased, the request is nobody's any more. */
  readonly about: readonly string[];
}

export class LifeModel {
  lives = new Map<string, Life>();
  /** Whose content a text is. */
  holders = new Map<string, string>();
  recalls = new Map<string, { readonly ids: readonly string[]; readonly cited: Set<string> }>();
  parted = new Set<string>();
  requests = new Map<string, Remembered | 'erased'>();
  settings: Record<string, unknown> = {};
  pairs = new Map<string, { count: number; lastAt: number }>();
  tierChanges: string[] = [];
  turns: string[] = [];
  reasons: { readonly id: string; readonly text: string }[] = [];
  /** Every text that was ever said here. */
  texts = new Set<string>();
  #events: Seen[] = [];

  clone(): LifeModel {
    return Object.assign(new LifeModel(), structuredClone({ ...this }));
  }

  /**
   * Lets a request happen; the next events of the log must be its own.
   *
   * @returns its answer, and how many events it took
   * @throws Unexplained
   */
  apply(request: Request, events: readonly Seen[]): { readonly answer: Answer; readonly used: number } {
    this.#events = [...events];
    const answer = this.#answer(request);
    return { answer, used: events.length - this.#events.length };
  }

  #answer(request: Request): Answer {
    const { key, ...body } = request;
    const prior = key === undefined ? undefined : this.requests.get(key);
    if (prior === 'erased' || (prior && prior.request !== JSON.stringify(body))) return { code: 'CONFLICT' };
    if (prior) return this.#again(request, prior.answer);
    try {
      const { value, about } = this.#perform(request);
      if (key !== undefined) {
        this.requests.set(key, { request: JSON.stringify(body), answer: { value }, about });
      }
      return { value };
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code };
      throw error;
    }
  }

  /** A retried query shows of its first results those that are still there. */
  #again(request: Request, answer: Answer): Answer {
    if (request.kind !== 'query' || !('value' in answer)) return answer;
    const { recallId, ids } = answer.value as { recallId: string; ids: readonly string[] };
    return { value: { recallId, ids: ids.filter((id) => this.lives.get(id)?.visibility === 'live') } };
  }

  #perform(request: Request): { readonly value: unknown; readonly about: readonly string[] } {
    switch (request.kind) {
      case 'add':
        return this.#add(request.memories);
      case 'query': {
        if (!request.record) return { value: { recallId: null, ids: [] }, about: [] };
        const event = this.#next('memory.accessed', undefined, request.conversationId);
        for (const id of event.memoryIds) this.#know(id);
        this.recalls.set(event.id, { ids: event.memoryIds, cited: new Set() });
        if (request.conversationId !== null) this.#associate(event);
        this.#happen(event, () => {
          for (const id of event.memoryIds) this.#access(id, event);
        });
        return { value: { recallId: event.id, ids: event.memoryIds }, about: event.memoryIds };
      }
      case 'cite':
        return this.#cite(request.recallId, request.ids);
      case 'update':
        return this.#update(request.id, request.changes);
      case 'forget':
        return this.#change(request.ids, 'memory.forgotten', ['live'], (life, { recordedAt }) => {
          Object.assign(life, { visibility: 'hidden', updatedAt: recordedAt });
        });
      case 'restore':
        return this.#restore(request.ids);
      case 'erase':
        return this.#erase(request.ids);
      case 'setTier':
        return this.#change(request.ids, 'memory.tiered', ['live'], (life) => {
          if (request.reason) this.reasons.push({ id: life.id, text: request.reason });
          if (request.reason) this.texts.add(request.reason);
          Object.assign(life, { tierSetAt: this.shown(life).accessCount, tierSet: request.tier });
        });
      case 'mark':
        return this.#change(request.ids, 'memory.marked', ['live'], (life) => catalyze(life, request.catalyst));
      case 'merge':
        return this.#merge(request.pair, request.similarity);
      case 'unmerge':
        return this.#unmerge(request.id);
      case 'decay': {
        const event = this.#next('space.decayed', []);
        for (const life of this.lives.values()) {
          const fades = life.lastAccessed < request.cutoff && life.phi > 500;
          if (fades) life.phi = Math.floor((life.phi * request.factor) / 1_000);
        }
        return { value: event.type, about: [] };
      }
      case 'expire':
        return this.#expire();
      case 'configure': {
        this.#next('space.configured', []);
        const entries = Object.entries({ ...this.settings, ...request.changes });
        this.settings = Object.fromEntries(entries.filter(([, value]) => value !== null));
        return { value: this.settings, about: [] };
      }
    }
  }

  #add(memories: readonly NewMemory[]) {
    const about: string[] = [];
    const value = memories.map((memory) => {
      const { content, conversationId, isCatalyst } = memory;
      const holder = this.holders.get(content);
      this.texts.add(content);
      const life = holder === undefined ? undefined : this.#survivor(holder);
      const event = life
        ? this.#next('memory.accessed', [life.id], conversationId)
        : this.#next('memory.added', undefined, conversationId);
      const [id = ''] = event.memoryIds;
      about.push(id, ...(holder === undefined ? [] : [holder]));
      if (conversationId !== null) this.turns.push(`${conversationId} ${event.position} ${id}`);
      if (!life) {
        this.holders.set(content, id);
        this.lives.set(id, newLife(id, memory, event.recordedAt));
        return { memoryId: id, version: 1, isNew: true };
      }
      this.#happen(event, () => {
        if (life.visibility === 'hidden') Object.assign(life, { visibility: 'live', updatedAt: event.recordedAt });
        this.#access(id, event);
        if (isCatalyst) catalyze(life, true);
      });
      return { memoryId: id, version: life.contents.length, isNew: false };
    });
    return { value, about };
  }

  #cite(recallId: string, ids: readonly string[]) {
    const recall = this.recalls.get(recallId);
    if (!recall) throw new Refusal('NOT_FOUND');
    if (ids.some((id) => !recall.ids.includes(id))) throw new Refusal('VALIDATION_ERROR');
    const cited = ids.filter((id) => !recall.cited.has(id)).toSorted();
    if (cited.length > 0) {
      this.#next('memory.cited', cited);
      for (const id of cited) {
        recall.cited.add(id);
        const life = this.#know(id);
        life.phi = Math.min(5_000, life.phi + 1_000);
      }
    }
    return { value: { cited }, about: cited };
  }

  #update(id: string, { content, ...rest }: MemoryChanges) {
    const life = this.#named(id);
    if (life.visibility !== 'live') throw new Refusal('CONFLICT');
    const before = life.contents.at(-1)!;
    const isNewVersion = content !== undefined && content !== before;
    if (isNewVersion && this.holders.has(content)) throw new Refusal('CONFLICT');
    const { recordedAt } = this.#next('memory.updated', [id]);
    if (isNewVersion) {
      this.texts.add(content);
      this.holders.delete(before);
      this.holders.set(content, id);
      life.contents.push(content);
      life.replacedAt.push(recordedAt);
    }
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    Object.assign(life, Object.fromEntries(given), { updatedAt: recordedAt });
    return { value: { memoryId: id, version: life.contents.length, isNewVersion }, about: [id] };
  }

  /** What was expired takes its content back, and its variants theirs, where nobody has it by now. */
  #restore(ids: readonly string[]) {
    const regained = new Set<string>();
    const named = [...new Set(ids)].map((id) => this.#named(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const life of named.filter(({ visibility }) => visibility === 'expired')) {
      if (this.holders.has(life.contents.at(-1)!)) continue;
      regained.add(life.id);
      life.expiresAt = null;
      this.#takeBack(life);
    }
    const because = ({ id, visibility }: Life) => {
      if (visibility === 'expired') return regained.has(id) ? undefined : 'duplicate';
      return visibility === 'hidden' ? undefined : visibility;
    };
    return this.#change(ids, 'memory.restored', because, (life, { recordedAt }) => {
      Object.assign(life, { visibility: 'live', updatedAt: recordedAt });
    });
  }

  #erase(ids: readonly string[]) {
    for (const id of ids) this.#named(id);
    const all = new Set([...ids, ...ids.flatMap((id) => this.#below(id).map((life) => life.id))]);
    const left = [...all].filter((id) => this.#know(id).visibility !== 'erased');
    const outcome = this.#change(left, 'memory.erased', [], (life, { recordedAt }) => {
      this.#giveUp(life);
      const gone = { contents: [], replacedAt: [], category: null, tags: [], source: null, occurredAt: null };
      Object.assign(life, gone, { expiresAt: null, visibility: 'erased', updatedAt: recordedAt });
    });
    this.turns = this.turns.filter((turn) => !left.some((id) => turn.endsWith(id)));
    this.reasons = this.reasons.filter(({ id }) => !left.includes(id));
    for (const [key, known] of this.requests) {
      if (known !== 'erased' && known.about.some((id) => left.includes(id))) this.requests.set(key, 'erased');
    }
    return outcome;
  }

  #merge(pair: readonly [string, string], similarity: number) {
    const lives = pair.map((id) => this.#named(id));
    const [survivor, merged] = [...new Set(lives)].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    const areLive = lives.every(({ visibility }) => visibility === 'live');
    if (!survivor || !merged || !areLive || this.parted.has(pairKey(pair))) return { value: null, about: [] };
    const event = this.#next('memory.merged', [survivor.id, merged.id]);
    this.#happen(event, () => {
      const link = { mergedInto: survivor.id, similarity, mergedAt: event.position };
      Object.assign(merged, link, { visibility: 'merged', updatedAt: event.recordedAt });
    });
    return { value: { survivor: survivor.id, merged: merged.id }, about: [survivor.id, merged.id] };
  }

  #unmerge(id: string) {
    const life = this.#named(id);
    const survivor = life.mergedInto;
    if (life.visibility !== 'merged' || survivor === null) throw new Refusal('CONFLICT');
    const content = life.contents.at(-1)!;
    const holder = this.holders.get(content);
    // Its survivor has expired meanwhile, and somebody else said this.
    if (holder !== undefined && holder !== id) throw new Refusal('CONFLICT');
    const event = this.#next('memory.unmerged', [survivor, id]);
    this.#takeBack(life);
    this.parted.add(pairKey([survivor, id]));
    this.#happen(event, () => {
      Object.assign(life, { mergedInto: null, visibility: 'live', updatedAt: event.recordedAt });
    });
    return { value: { survivor }, about: [survivor] };
  }

  /** Of what is due, what was so when a worker looked: when nothing else happens, all of it. */
  #expire() {
    const [event] = this.#events;
    const due = this.due();
    const ids = event?.type === 'memory.expired' ? event.memoryIds.filter((id) => due.includes(id)) : [];
    const outcome = this.#change(ids, 'memory.expired', [], (life, { recordedAt }) => {
      Object.assign(life, { visibility: 'expired', updatedAt: recordedAt });
    });
    for (const id of ids) for (const one of [this.#know(id), ...this.#below(id)]) this.#giveUp(one);
    return { ...outcome, value: null };
  }

  /** What is past its time: the steps know one time that is over, and one that is not. */
  due(): string[] {
    const live = [...this.lives.values()].filter(({ visibility }) => visibility === 'live');
    return live.filter(({ expiresAt }) => expiresAt !== null && expiresAt < '2100').map(({ id }) => id);
  }

  /** One change of several memories: those of these visibilities (or without a reason against it), in one event. */
  #change(
    ids: readonly string[],
    type: LogEvent['type'],
    concerns: readonly Visibility[] | ((life: Life) => string | undefined),
    change: (life: Life, event: Seen) => void,
  ) {
    const named = [...new Set(ids)].map((id) => this.#named(id));
    const because = (life: Life) => {
      if (typeof concerns === 'function') return concerns(life);
      return concerns.length === 0 || concerns.includes(life.visibility) ? undefined : life.visibility;
    };
    const unchanged = named.flatMap((life) => {
      const reason = because(life);
      return reason === undefined ? [] : [{ memoryId: life.id, because: reason }];
    });
    const changed = named.filter((life) => because(life) === undefined);
    const changedIds = changed.map(({ id }) => id).toSorted();
    if (changed.length > 0) {
      const event = this.#next(type, changedIds);
      this.#happen(event, () => {
        for (const life of changed) change(life, event);
      });
    }
    return { value: { changed: changedIds, unchanged }, about: named.map(({ id }) => id) };
  }

  /** Takes the next event, which must be this one; memories in any order, unless they are not known before. */
  #next(type: LogEvent['type'], ids?: readonly string[], conversation: string | null = null): Seen {
    const event = this.#events.shift();
    const isThis =
      event?.type === type &&
      event.conversation === conversation &&
      (!ids || JSON.stringify(event.memoryIds.toSorted()) === JSON.stringify(ids.toSorted()));
    if (isThis) return event;
    const instead = event && `${event.type} of ${event.memoryIds} in ${event.conversation}`;
    throw new Unexplained(`expected ${type} of ${ids ?? 'any'} in ${conversation}, the log has ${instead}`);
  }

  /** What an event does, with the changes of tiers that follow from it. */
  #happen(event: Seen, work: () => void): void {
    const before = new Map([...this.lives.values()].map((life) => [life.id, this.shown(life).tier]));
    work();
    const reasons = { 'memory.tiered': 'manual', 'memory.merged': 'merged', 'memory.unmerged': 'unmerged' };
    const reason = reasons[event.type as keyof typeof reasons] ?? 'access_count';
    for (const life of this.lives.values()) {
      const [from, to] = [before.get(life.id), this.shown(life).tier];
      if (from !== to) this.tierChanges.push(`${life.id} at ${event.position}: ${from} → ${to}, ${reason}`);
    }
  }

  #access(id: string, { recordedAt, conversation }: Seen): void {
    const life = this.#know(id);
    life.accesses += 1;
    life.phi = Math.min(5_000, life.phi + 100);
    life.lastAccessed = recordedAt;
    if (conversation === null) return;
    life.conversations = [...life.conversations.filter((name) => name !== conversation), conversation].slice(-16);
  }

  #associate({ memoryIds, recordedAt }: Seen): void {
    const ids = memoryIds.slice(0, 20);
    for (const [index, one] of ids.entries()) {
      for (const other of ids.slice(index + 1)) {
        const key = pairKey([one, other]);
        this.pairs.set(key, { count: (this.pairs.get(key)?.count ?? 0) + 1, lastAt: recordedAt });
      }
    }
  }

  #know(id: string): Life {
    const life = this.lives.get(id);
    if (!life) throw new Unexplained(`memory ${id} was never added`);
    return life;
  }

  #named(id: string): Life {
    const life = this.lives.get(id);
    if (!life || life.visibility === 'erased') throw new Refusal('NOT_FOUND');
    return life;
  }

  #survivor(id: string): Life {
    const life = this.#know(id);
    return life.mergedInto === null ? life : this.#survivor(life.mergedInto);
  }

  /** All that is merged into a memory, directly or not. */
  #below(id: string): Life[] {
    return this.variants(id).flatMap((life) => [life, ...this.#below(life.id)]);
  }

  /** What it says, and what its variants say, is theirs again where nobody has it. */
  #takeBack(life: Life): void {
    const below = this.#below(life.id).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const { id, contents } of [life, ...below]) {
      const content = contents.at(-1);
      if (content !== undefined && !this.holders.has(content)) this.holders.set(content, id);
    }
  }

  #giveUp({ id, contents }: Life): void {
    const content = contents.at(-1);
    if (content !== undefined && this.holders.get(content) === id) this.holders.delete(content);
  }

  variants(id: string): Life[] {
    return [...this.lives.values()].filter(({ mergedInto }) => mergedInto === id);
  }

  shown(life: Life): Shown {
    const variants = this.variants(life.id).map((one) => ({ ...this.shown(one), similarity: one.similarity }));
    return showLife(life, variants);
  }
}

function pairKey(pair: readonly [string, string]): string {
  return pair.toSorted().join(' ');
}
