/** A time as ISO 8601 in UTC; UTC, too, where it does not say its offset. Undefined for what is no time. */
export function utc(time: string | number | null | undefined): string | undefined {
  if (time === null || time === undefined || time === '') return undefined;
  if (typeof time === 'number') return isoOf(time * 1_000);
  const [, day, clock = '00:00', offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s?(Z|[+-]\d\d:?\d\d)?$/.exec(time.trim()) ?? [];
  return day === undefined ? undefined : isoOf(Date.parse(`${day}T${clock}${offset}`));
}

function isoOf(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
