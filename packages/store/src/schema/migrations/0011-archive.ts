import { type Kysely, sql } from 'kysely';

/** Which stretches of the log are in files outside the database, and the only way in which an event leaves it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // One row: under which name this database writes its files, and who is archiving.
  `create table log_archive (
     is_only boolean primary key default true check (is_only),
     writer uuid not null default gen_random_uuid(),
     leased_by uuid,
     leased_until timestamptz)`,
  'insert into log_archive default values',

  // A file for each stretch. It was written and read back; once it is released, its events have left the table.
  `create table log_segments (
     shard smallint not null,
     first bigint not null,
     last bigint not null check (last >= first),
     file text not null,
     events integer not null,
     bytes bigint not null,
     sha256 bytea not null,
     -- A Bloom filter of the memories that its events name: a story is looked for in few of many files.
     named bytea not null,
     written_at timestamptz not null default clock_timestamp(),
     released_at timestamptz,
     left_table integer not null default 0,
     -- What the file took the place of, to be removed when nobody reads it any more.
     replaced text,
     primary key (shard, first))`,
  // Whose events they are, and how many of them were dropped by what the space says of its retention.
  `create table log_segment_spaces (
     shard smallint not null,
     space_id text collate "C" not null,
     first bigint not null,
     events integer not null,
     lost integer not null default 0,
     recorded_from timestamptz not null,
     recorded_until timestamptz not null,
     primary key (shard, space_id, first))`,
  // What the log up to a position is folded into, proven equal to the live rows when it was written.
  `create table log_bases (
     shard smallint not null,
     projection text not null,
     position bigint not null,
     rules_version integer not null,
     file text not null,
     rows bigint not null,
     bytes bigint not null,
     sha256 bytea not null,
     written_at timestamptz not null default clock_timestamp(),
     replaced text,
     primary key (shard, projection))`,

  // The text of an event, the same whoever asks: the lines of a file, and what is compared with them.
  `create function log_lines(of_shard smallint, first bigint, last bigint) returns table (line text)
   language sql stable set timezone = 'UTC' as $$
     select row_to_json(e)::text from events e
     where e.shard = of_shard and e.position between $2 and $3 order by e.position $$`,

  `create or replace function refuse_change_of_log() returns trigger language plpgsql as $$
   begin
     if tg_op = 'DELETE' then
       if exists (
         select from (
           select s.last, s.released_at from log_segments s
           where s.shard = old.shard and s.first <= old.position order by s.first desc limit 1) s
         where s.last >= old.position and s.released_at is not null) then
         return old;
       end if;
     end if;
     raise exception 'the log is append-only';
   end $$`,

  // Lets the events of a file leave the table: those that the file has, to the byte, and that all is folded of. What
  // turned a memory, and what moved one to another tier, stays: it is asked for all the time, and it is little.
  `create function release_log_segment(of_shard smallint, of_first bigint) returns integer
   language plpgsql security definer set search_path = public, pg_temp as $$
   declare
     segment log_segments;
     gone integer;
   begin
     select * into segment from log_segments s where s.shard = of_shard and s.first = of_first for update;
     if not found then raise exception 'nothing of shard % was archived from position %', of_shard, of_first; end if;
     if segment.released_at is not null then return 0; end if;
     if exists (
       select from fold_checkpoints c
       where c.shard = of_shard and c.projection in ('memory_state', 'associations') and c.position < segment.last)
       or (select count(*) from log_bases b where b.shard = of_shard and b.position >= segment.last) < 2 then
       raise exception 'shard % is not covered up to position %', of_shard, segment.last;
     end if;
     if segment.sha256 is distinct from (
       select sha256(convert_to(string_agg(l.line || chr(10), '' order by l.place), 'UTF8'))
       from log_lines(of_shard, segment.first, segment.last) with ordinality as l(line, place)) then
       raise exception 'the file of shard % from position % is not what the log says', of_shard, of_first;
     end if;
     update log_segments s set released_at = clock_timestamp() where s.shard = of_shard and s.first = of_first;
     delete from events e
     where e.shard = of_shard and e.position between segment.first and segment.last
       and e.type not in ('memory.forgotten', 'memory.restored', 'memory.expired', 'memory.erased', 'memory.merged',
         'memory.unmerged', 'space.decayed')
       and not e.payload @> '{"revived": true}'
       and not exists (
         select from tier_changes c
         where c.shard = of_shard and c.space_id = e.space_id and c.position = e.position);
     get diagnostics gone = row_count;
     update log_segments s set left_table = gone where s.shard = of_shard and s.first = of_first;
     return gone;
   end $$`,
  'revoke all on function release_log_segment(smallint, bigint) from public',
];
