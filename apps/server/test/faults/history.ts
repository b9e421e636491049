import { type Tier, tiers } from '@anima/core';
import type { Sql } from './databases.ts';

export interface MemoryCounts {
  readonly accessCount: number;
  /** Thousandths. */
  readonly phi: number;
  readonly tier: Tier;
}

/** What has happened to the memories of a database: as its clients were told, or as it says itself. */
export interface History {
  /** How many events of each kind. */
  readonly events: {
    readonly added: number;
    readonly duplicates: number;
    readonly queries: number;
    readonly citations: number;
  };
  /** Requests whose outcome is kept under their key. */
  readonly requests: number;
  /** Adds within a conversation. */
  readonly turns: number;
  /** For each recall, what it returned. */
  readonly recalls: ReadonlyMap<string, readonly string[]>;
  /** For each recall, what of it was cited. */
  readonly citations: ReadonlyMap<string, readonly string[]>;
  readonly memories: ReadonlyMap<string, MemoryCounts>;
  /** For each pair, as `a b` with a < b, how often it was recalled together. */
  readonly pairs: ReadonlyMap<string, number>;
}

interface EventRow {
  readonly id: string;
  readonly kind: keyof History['events'];
  readonly recall: string | null;
  readonly memory_ids: readonly string[];
}

/** Reads the history of these spaces out of log and projections, and checks that the log has no gap and no event twice. */
export async function readHistory(sql: Sql, spaces: readonly string[]): Promise<History> {
  const ofSpaces = `space_id in (${spaces.map((space) => `'${space}'`).join(', ')})`;
  const events = await sql<EventRow>(`
    select id, payload ->> 'recallId' as recall, to_json(memory_ids) as memory_ids, case type
      when 'memory.added' then 'added' when 'memory.cited' then 'citations'
      else case payload ->> 'via' when 'query' then 'queries' else 'duplicates' end end as kind
    from events where ${ofSpaces} order by shard, position`);
  const [log] = await sql<{ events: number; ids: number; positions: number; ends: boolean }>(`
    select count(*)::int as events, count(distinct id)::int as ids,
      (select sum(position) from shard_heads)::int as positions,
      (select bool_and(h.position = coalesce((select max(position) from events e where e.shard = h.shard), 0))
        from shard_heads h) as ends
    from events`);
  if (!log || log.ids !== log.events || log.positions !== log.events || !log.ends) {
    throw new Error(`the log does not add up: ${JSON.stringify(log)}`);
  }
  const [counts] = await sql<{ requests: number; turns: number }>(`
    select (select count(*)::int from requests where ${ofSpaces}) as requests,
      (select count(*)::int from conversation_turns where ${ofSpaces}) as turns`);
  const memories = await sql<{ id: string; access_count: number; phi: number; tier: number }>(
    `select memory_id as id, access_count, phi, tier from memories join memory_state using (shard, space_id, memory_id)
     where ${ofSpaces}`,
  );
  const pairs = await sql<{ pair: string; count: number }>(
    `select a || ' ' || b as pair, count from associations where ${ofSpaces}`,
  );

  const ofKind = (kind: EventRow['kind']) => events.filter((event) => event.kind === kind);
  const citations = Map.groupBy(ofKind('citations'), ({ recall }) => recall ?? '');
  return {
    events: {
      added: ofKind('added').length,
      duplicates: ofKind('duplicates').length,
      queries: ofKind('queries').length,
      citations: ofKind('citations').length,
    },
    requests: counts?.requests ?? 0,
    turns: counts?.turns ?? 0,
    recalls: new Map(ofKind('queries').map(({ id, memory_ids }) => [id, memory_ids])),
    citations: new Map(
      [...citations].map(([recall, cited]) => [recall, cited.flatMap(({ memory_ids }) => memory_ids).toSorted()]),
    ),
    memories: new Map(
      memories.map(({ id, access_count, phi, tier }) => [
        id,
        { accessCount: access_count, phi, tier: tiers[tier] ?? 'active' },
      ]),
    ),
    pairs: new Map(pairs.map(({ pair, count }) => [pair, count])),
  };
}
