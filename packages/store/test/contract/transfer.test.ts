import { readSpaceFileLine, type Space, SpaceFileCheck } from '@anima/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type EngineKind, Opened, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { replayed, stored } from '../replay.ts';
import { importLines, linesOf, live, settled } from '../space-files.ts';

/** Everything that a space is, without its name, its shard and the positions of its log. */
async function everythingOf({ db, store }: Opened, { id, shard }: Space): Promise<Record<string, unknown[]>> {
  const position = sql`(select count(*) from events o where o.shard = t.shard and o.space_id = t.space_id and o.position <= `;
  const tables = {
    events: sql`t.*, ${position} t.position) as place`,
    memories: sql`t.*`,
    memory_versions: sql`t.*`,
    conversations: sql`t.*`,
    conversation_turns: sql`t.*, ${position} t.ordinal) as place`,
    citations: sql`t.*`,
    tier_reasons: sql`t.*, ${position} t.position) as place`,
    memory_state: sql`t.*`,
    merge_groups: sql`t.*, ${position} t.merged_at) as place`,
    tier_changes: sql`t.*, ${position} t.position) as place`,
    associations: sql`t.*`,
    lexemes: sql`t.*`,
  };
  const found: Record<string, unknown[]> = {};
  for (const [name, columns] of Object.entries(tables)) {
    const { rows } = await sql<{ row: string }>`
      select (to_jsonb(r) - '{shard,space_id,position,ordinal,merged_at,actor}'::text[])::text as row
      from (select ${columns} from ${sql.table(name)} t where t.shard = ${shard} and t.space_id = ${id}) r
      order by 1`.execute(db);
    found[name] = rows.map(({ row }) => row);
  }
  found.settings = [(await store.openSpace(id)).settings];
  return found;
}

const kinds: readonly EngineKind[] = inject('postgres') ? ['pglite', 'postgres'] : ['pglite'];

describe.each(kinds.flatMap((from) => kinds.map((to) => ({ from, to }))))('from $from to $to', ({ from, to }) => {
  let source: Opened;
  let target: Opened;
  beforeAll(async () => {
    [source, target] = [await Opened.open(from), await Opened.open(to)];
  });
  afterAll(async () => {
    await source.close();
    await target.close();
  });

  test('a space that was exported and imported is equal in every row, folded, counted and replayed', async () => {
    const space = await source.newSpace();
    // Neighbours in the log, so that positions have gaps.
    const beside = await source.newSpace({ beside: space });
    await source.add(beside, 'a neighbour');
    await live(source, space);
    await source.add(beside, 'another neighbour');
    await settled(source, space);
    const lines = await linesOf(source, space);

    await target.add(await target.newSpace(), 'somebody else');
    const there = await importLines(target, lines, target.newName());
    await settled(target, there);
    expect(await everythingOf(target, there)).toEqual(await everythingOf(source, space));
    expect(await stored(target.db, there.shard)).toEqual(await replayed(target.db, there.shard));
    for await (const step of target.store.rebuild({ verify: true })) {
      if (step.type === 'report') expect(step.report.differences).toEqual([]);
    }
    const again = await linesOf(target, there);
    const without = ({ space: _, exportedAt: _at, position: _position, ...header }: Record<string, unknown>) => header;
    expect(without(JSON.parse(again[0]!))).toEqual(without(JSON.parse(lines[0]!)));
    expect(again.slice(1, -1)).toEqual(lines.slice(1, -1));
  });

  test('every table that has rows of a space is in a file, or follows from what is', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'space_id' and table_name not like 'vectors\\_%' order by 1`.execute(
      source.db,
    );
    const there = Object.keys(await everythingOf(source, await source.newSpace())).filter(
      (name) => name !== 'settings',
    );
    // What this server keeps for its clients, caches and copies, what concerns its models, and imports themselves.
    const own = [
      ...['requests', 'receipts', 'query_vectors', 'state_snapshots', 'spaces', 'imports', 'import_lines'],
      'log_segment_spaces',
      ...['embedding_failures', 'reembeddings', 'discarded_vectors'],
    ];
    expect(rows.map(({ name }) => name)).toEqual([...there, ...own].toSorted());
  });

  test('an imported space goes on: names, contents, recalls and merges are known', async () => {
    const space = await source.newSpace();
    const { memory } = await source.add(space, { content: 'tea', conversationId: 'monday' });
    const other = await source.add(space, 'tea!');
    const { recallId } = await source.query(space, 'tea');
    const there = await importLines(target, await linesOf(source, space), target.newName());
    expect(await target.add(there, { content: 'tea', conversationId: 'monday' })).toMatchObject({
      ...{ isDuplicate: true, memory: { id: memory.id } },
    });
    expect(await target.store.cite(there, recallId!, [memory.id])).toEqual({ cited: [memory.id] });
    await target.store.merge(there, [memory.id, other.memory.id], 0.97);
    await settled(target, there);
    expect(await stored(target.db, there.shard)).toEqual(await replayed(target.db, there.shard));
    const { rows } = await sql<{ conversations: number }>`
      select count(*)::int as conversations from conversations where shard = ${there.shard}`.execute(target.db);
    expect(rows).toEqual([{ conversations: 1 }]);
  });
});

onEveryEngine('an export', (opened) => {
  test.each([
    ['adds and asks', false],
    ['changes what there is', true],
  ])('is of one moment while somebody %s', async (_, isChanging) => {
    const space = await opened().newSpace();
    const { store } = opened();
    const contents = Array.from({ length: 600 }, (_, n) => newMemory(`memory ${n} of ${space.id}`));
    const ids = (await store.add(space, contents)).map(({ memoryId }) => memoryId);
    let isExporting = true;
    let writes = 0;
    const write = async () => {
      for (; isExporting; writes += 1) {
        const id = ids[(writes * 7) % ids.length]!;
        await store.add(space, [
          newMemory(`more ${writes}`, { conversationId: `c ${writes}` }),
          contents[writes % 600]!,
        ]);
        if (!isChanging) continue;
        await store.update(space, id, { content: `other ${writes}` });
        await store.forget(space, [id]);
        await store.restore(space, [id]);
      }
    };
    const writing = write();
    try {
      for (let round = 0; round < 3; round += 1) {
        const written = writes;
        const lines = await linesOf(opened(), space);
        const check = new SpaceFileCheck(new Date(Date.now() + 60_000).toISOString());
        for (const [index, line] of lines.entries()) check.take(readSpaceFileLine(line, index + 1));
        expect(lines.length).toBeGreaterThan(1_200);
        await expect.poll(() => writes).toBeGreaterThan(written);
      }
    } finally {
      isExporting = false;
      await writing;
    }
  });

  test('of a space that is empty is imported as one', async () => {
    const lines = await linesOf(opened(), await opened().newSpace());
    expect(lines).toHaveLength(2);
    const there = await importLines(opened(), lines, opened().newName());
    expect(there.settings).toEqual({});
  });
});
