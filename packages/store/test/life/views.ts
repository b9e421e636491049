import { createHash } from 'node:crypto';
import { listOrders, phiFromThousandths, type StoredEntry, type Visibility } from '@anima/core';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { replayed, stored } from '../replay.ts';
import type { Life } from './life.ts';
import type { LifeModel } from './model.ts';
import type { Request } from './requests.ts';
import type { LifeSubject } from './subject.ts';

const iso = (time: number) => new Date(time).toISOString();
const left: readonly Visibility[] = ['live', 'hidden', 'merged', 'expired'];

/** Live memories that share a word with a text, or are near it. */
export function found(
  { lives }: LifeModel,
  { text, filters }: Request & { kind: 'query' },
  isNear: (life: Life) => boolean,
): string[] {
  const wanted = text.split(' ');
  return [...lives.values()]
    .filter(({ visibility }) => visibility === 'live')
    .filter(({ category }) => filters.category === undefined || filters.category === category)
    .filter(
      (life) =>
        life.contents
          .at(-1)
          ?.split(' ')
          .some((word) => wanted.includes(word)) || isNear(life),
    )
    .map(({ id }) => id)
    .toSorted();
}

/** Texts that were said once, and of which no memory that is left says anything. */
function gone({ lives, reasons, texts }: LifeModel): string[] {
  const left = new Set([...lives.values()].flatMap(({ contents }) => contents));
  for (const { text } of reasons) left.add(text);
  return [...texts].filter((text) => !left.has(text));
}

/** What is written with a change itself is there at once, whatever was folded. */
export async function expectSameAtOnce(model: LifeModel, subject: LifeSubject): Promise<void> {
  const { opened, space } = subject;
  const { store } = opened;
  const lives = [...model.lives.values()];
  const entries = await store.readEntries(
    space,
    lives.map(({ id }) => id),
  );
  const left = lives.filter(({ visibility }) => visibility !== 'erased');
  expect(entries.map(inline)).toEqual(left.map((life) => inline(entryOf(model, subject, life))));
  const live = left.filter(({ visibility }) => visibility === 'live').map(({ id }) => id);
  const readable = await store.readMemories(
    space,
    lives.map(({ id }) => id),
  );
  expect(readable.map(({ id }) => id)).toEqual(live);
  expect((await store.openSpace(space.id)).settings).toEqual(model.settings);
}

/** The fields of an entry that do not wait for a fold. */
function inline({
  tier: _,
  accessCount: _count,
  lastAccessed: _at,
  resonancePhi: _phi,
  isCatalyst: _is,
  ...rest
}: StoredEntry) {
  return rest;
}

/** An entry as the model has it. */
function entryOf(model: LifeModel, { embedded }: LifeSubject, life: Life): StoredEntry {
  const { id, category, tags, source, visibility } = life;
  const content = life.contents.at(-1) ?? '';
  const shown = model.shown(life);
  return {
    ...{ id, content, contentHash: createHash('sha256').update(content).digest('hex') },
    ...{ version: life.contents.length, tier: shown.tier, category, tags, source },
    ...{ accessCount: shown.accessCount, lastAccessed: iso(shown.lastAccessed) },
    ...{ resonancePhi: phiFromThousandths(shown.phi), isCatalyst: shown.isCatalyst, occurredAt: life.occurredAt },
    ...{ createdAt: iso(life.createdAt), updatedAt: iso(life.updatedAt), visibility },
    ...{ mergedInto: visibility === 'merged' ? life.mergedInto : null, expiresAt: life.expiresAt },
    embedding: embedded.has(`${id} ${life.contents.length}`) ? 'ready' : 'pending',
  };
}

/** Everything that can be observed, once all is folded and counted. */
export async function expectSame(model: LifeModel, subject: LifeSubject): Promise<void> {
  await subject.opened.fold(subject.space, 7);
  while ((await subject.countLexemes(5)) > 0);
  await expectSameAtOnce(model, subject);
  await expectSameEntries(model, subject);
  await expectSameLists(model, subject);
  await expectSameProjections(model, subject);
  await expectSameBesides(model, subject);
  await expectWordsCounted(subject);
  await expectNothingLeftOf(gone(model), subject);
}

async function expectSameEntries(model: LifeModel, subject: LifeSubject): Promise<void> {
  const { opened, space } = subject;
  const lives = [...model.lives.values()].filter(({ visibility }) => visibility !== 'erased');
  const ids = lives.map(({ id }) => id);
  expect(await opened.store.readEntries(space, ids)).toEqual(lives.map((life) => entryOf(model, subject, life)));
  for (const life of model.lives.values()) {
    const { id, contents, replacedAt } = life;
    expect(await opened.store.readVersions(space, id)).toEqual(
      contents.map((content, index) => {
        const replaced = replacedAt[index];
        return { version: index + 1, content, replacedAt: replaced === undefined ? null : iso(replaced) };
      }),
    );
    const variants = model.variants(id).filter(({ visibility }) => visibility === 'merged');
    expect(await opened.store.readVariants(space, id)).toEqual(variants.sort(byCreation).map((one) => one.id));
  }
}

function byCreation(a: Life, b: Life): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

async function expectSameLists(model: LifeModel, { opened, space }: LifeSubject): Promise<void> {
  const { store } = opened;
  const lives = [...model.lives.values()].map((life) => ({ ...life, shown: model.shown(life) }));
  const values = {
    created: (life: (typeof lives)[number]) => life.createdAt,
    accessed: (life: (typeof lives)[number]) => life.shown.lastAccessed,
    resonance: (life: (typeof lives)[number]) => life.shown.phi,
  };
  for (const visibility of left) {
    const those = lives.filter((life) => life.visibility === visibility);
    const expectCount = async (conditions: object, is: (life: (typeof lives)[number]) => boolean) =>
      expect(await store.count(space, { visibility, ...conditions })).toBe(those.filter(is).length);
    await expectCount({}, () => true);
    await expectCount({ isCatalyst: true }, ({ shown }) => shown.isCatalyst);
    await expectCount({ tiers: ['thread', 'network'] }, ({ shown }) => ['thread', 'network'].includes(shown.tier));
    await expectCount(
      { category: 'home', source: 'diary' },
      (one) => one.category === 'home' && one.source === 'diary',
    );
    await expectCount({ tags: ['red'] }, ({ tags }) => tags.includes('red'));
    for (const order of listOrders) {
      for (const descending of [true, false]) {
        const listed: string[] = [];
        for (let after: { value: string; memoryId: string } | undefined; ; ) {
          const page = await store.list(space, { selection: { visibility }, order, descending, after, limit: 7 });
          listed.push(...page.memories.map(({ id }) => id));
          if (!page.next) break;
          after = page.next;
        }
        const value = values[order];
        // What is equal stands as the index of its order has it.
        const tie = order === 'created' ? 1 : -1;
        const sorted = those.toSorted((a, b) => value(a) - value(b) || (a.id < b.id ? -tie : tie)).map(({ id }) => id);
        expect(listed, `${visibility} by ${order}`).toEqual(descending ? sorted.toReversed() : sorted);
      }
    }
  }
  const bootstrap = await store.bootstrap(space, {
    ...{ limit: 200, activeLimit: undefined },
    include: { active: true, thread: true, stable: true },
  });
  const started = (['active', 'thread', 'stable'] as const).map((tier) => [
    tier,
    lives.filter(({ visibility, shown }) => visibility === 'live' && shown.tier === tier).map(({ id }) => id),
  ]);
  const sorted = Object.entries(bootstrap.memories).map(([tier, memories]) => [
    tier,
    memories.map(({ id }) => id).toSorted(),
  ]);
  expect(Object.fromEntries(sorted)).toEqual(
    Object.fromEntries(started.map(([tier, ids]) => [tier, (ids as string[]).toSorted()])),
  );
  expect(bootstrap.cut).toEqual({ active: 0, thread: 0, stable: 0 });
}

async function expectSameProjections(model: LifeModel, subject: LifeSubject): Promise<void> {
  const { opened, space } = subject;
  const projected = await stored(opened.db, space.shard);
  expect(projected).toEqual(await replayed(opened.db, space.shard));
  for (const life of model.lives.values()) {
    const { conversations, ...state } = projected.states[`${space.id}/${life.id}`]!;
    const { conversations: known, ...shown } = model.shown(life);
    expect(state).toEqual({ ...shown, visibility: life.visibility });
    const names = conversations.map((interned) => subject.conversationOf(interned));
    // Alone, in their order; with variants, the most recent that there are room for.
    if (model.variants(life.id).length === 0) expect(names).toEqual(life.conversations);
    expect(names).toHaveLength(Math.min(16, known.size));
    expect([...new Set([...known, ...names])]).toEqual([...known]);
  }
  expect(Object.keys(projected.states)).toHaveLength(model.lives.size);
  expect(projected.tierChanges).toEqual(model.tierChanges.map((change) => `${space.id}/${change}`).toSorted());
  expect(projected.associations).toEqual(
    Object.fromEntries([...model.pairs].map(([pair, state]) => [`${space.id}/${pair.replace(' ', '/')}`, state])),
  );
}

/** What stands beside the log and is no projection. */
async function expectSameBesides(model: LifeModel, subject: LifeSubject) {
  const { opened, space } = subject;
  const turns = await sql<{ conversation: string; place: string }>`
    select conversation_id as conversation, ordinal || ' ' || memory_id as place from conversation_turns
    where shard = ${space.shard} and space_id = ${space.id}`.execute(opened.db);
  expect(
    turns.rows.map(({ conversation, place }) => `${subject.conversationOf(conversation)} ${place}`).toSorted(),
  ).toEqual(model.turns.toSorted());
  const reasons = await sql<{ id: string; text: string }>`
    select memory_id as id, reason as text from tier_reasons
    where shard = ${space.shard} and space_id = ${space.id} order by position, memory_id`.execute(opened.db);
  expect(reasons.rows.map(({ id, text }) => `${id} ${text}`).toSorted()).toEqual(
    model.reasons.map(({ id, text }) => `${id} ${text}`).toSorted(),
  );
  const holders = await sql<{ content: string; id: string }>`
    select content, memory_id as id from memories
    where shard = ${space.shard} and space_id = ${space.id} and content_hash is not null`.execute(opened.db);
  expect(Object.fromEntries(holders.rows.map(({ content, id }) => [content, id]))).toEqual(
    Object.fromEntries(model.holders),
  );
}

/** In how many live memories each word stands, counted anew. */
async function expectWordsCounted({ opened, space: { shard, id } }: LifeSubject): Promise<void> {
  const { rows: counted } = await sql<{ lexeme: string; memories: number }>`
    select lexeme, memories from lexemes where shard = ${shard} and space_id = ${id} order by lexeme`.execute(
    opened.db,
  );
  const { rows: live } = await sql<{ lexeme: string; memories: number }>`
    select w.lexeme, count(*)::int as memories from memories m, unnest(tsvector_to_array(m.fts)) w(lexeme)
    where m.shard = ${shard} and m.space_id = ${id} and m.visibility = 'live' group by w.lexeme order by w.lexeme`.execute(
    opened.db,
  );
  expect(counted).toEqual(live);
}

/** That no row of any table holds one of these texts. */
async function expectNothingLeftOf(texts: readonly string[], { opened }: LifeSubject): Promise<void> {
  if (texts.length === 0) return;
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`.execute(opened.db);
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ row: string }>`
      select t::text as row from ${sql.table(`${schema}.${name}`)} t
      where exists (select from unnest(${texts}::text[]) as gone(text) where strpos(t::text, gone.text) > 0) limit 3`.execute(
      opened.db,
    );
    expect(rows, `texts in ${name} that no memory says any more`).toEqual([]);
  }
}
