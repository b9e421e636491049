import { sql } from 'kysely';
import type { Database } from '../src/engine/engine.ts';

type ByName = Record<string, string>;

/** Everything that migrations make, as the catalog has it. */
export interface Manifest {
  readonly extensions: ByName;
  readonly functions: ByName;
  readonly tables: Record<
    string,
    {
      readonly columns: ByName;
      readonly constraints: ByName;
      readonly indexes: ByName;
      readonly statistics: ByName;
      readonly triggers: ByName;
      readonly options: string;
    }
  >;
}

export async function readManifest(db: Database): Promise<Manifest> {
  const { rows } = await sql<{ manifest: Manifest }>`
    with own as (
      select oid, relname, coalesce(array_to_string(reloptions, ', '), '') as options from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'kysely%')
    select json_build_object(
      'extensions', (select json_object_agg(extname, '' order by extname) from pg_extension where extname not in ('plpgsql', 'citus', 'citus_columnar')),
      'functions', coalesce((
        select json_object_agg(proname, regexp_replace(prosrc, '\\s+', ' ', 'g') order by proname) from pg_proc p
        where pronamespace = 'public'::regnamespace
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')), '{}'),
      'tables', coalesce((select json_object_agg(relname, json_build_object(
        'columns', (select json_object_agg(attname, concat_ws(' ', format_type(atttypid, atttypmod),
            'collate ' || nullif(nullif(c.collname, 'default'), ''), case when attnotnull then 'not null' end,
            'default ' || pg_get_expr(d.adbin, d.adrelid), case when attidentity = 'a' then 'generated always' end,
            case attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' end) order by attname)
          from pg_attribute left join pg_attrdef d on d.adrelid = attrelid and d.adnum = attnum
            left join pg_collation c on c.oid = attcollation
          where attrelid = own.oid and attnum > 0 and not attisdropped),
        'constraints', coalesce((select json_object_agg(conname, pg_get_constraintdef(oid) order by conname)
          from pg_constraint where conrelid = own.oid and contype <> 'n'), '{}'),
        'indexes', coalesce((select json_object_agg(indexrelid::regclass, pg_get_indexdef(indexrelid) order by indexrelid::regclass::text)
          from pg_index where indrelid = own.oid), '{}'),
        'statistics', coalesce((select json_object_agg(stxname, pg_get_statisticsobjdef(oid) order by stxname)
          from pg_statistic_ext where stxrelid = own.oid), '{}'),
        'triggers', coalesce((select json_object_agg(tgname, pg_get_triggerdef(oid) order by tgname)
          from pg_trigger where tgrelid = own.oid and not tgisinternal), '{}'),
        'options', options) order by relname) from own), '{}')) as manifest`.execute(db);
  return rows[0]!.manifest;
}
