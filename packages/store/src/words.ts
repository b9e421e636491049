import { type RawBuilder, sql } from 'kysely';

/** The words by which a memory is found: its content, and the date that it is about, spelled out. */
export function wordsOf(content: string, occurredAt: string): RawBuilder<unknown> {
  return sql.raw(
    `to_tsvector('english', concat_ws(' ', ${content}, to_char(${occurredAt}, 'FMDD FMMonth YYYY FMDay')))`,
  );
}
