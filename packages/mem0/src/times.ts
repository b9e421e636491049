const dayMs = 86_400_000;

/** A time as mem0 takes it, seconds since 1970 among its forms, in ISO 8601. */
export function timeOf(given: number | string | Date | null | undefined): string | undefined {
  if (given === undefined || given === null) return undefined;
  const time = new Date(typeof given === 'number' ? given * 1_000 : given);
  if (Number.isNaN(time.getTime()))
    throw new Error('timestamp must be a date, an ISO 8601 time or seconds since 1970.');
  return time.toISOString();
}

/** When the last day of a memory is over. */
export function endOf(day: string): string {
  const start = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00:00Z`) : new Date(Number.NaN);
  // 31 February is read as a day of March.
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day) {
    throw new Error('expirationDate must be a valid date in YYYY-MM-DD format.');
  }
  return new Date(start.getTime() + dayMs).toISOString();
}
