const units = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

const format = new Intl.RelativeTimeFormat('en', { style: 'narrow' });

/** How long ago something happened, in one unit: "3d ago". */
export function age(iso: string, now: number = Date.now()): string {
  const elapsed = now - Date.parse(iso);
  for (const [unit, length] of units) {
    if (Math.abs(elapsed) >= length) return format.format(-Math.trunc(elapsed / length), unit);
  }
  return 'just now';
}
