/** How numbers are written here: short, and all of a kind alike. */

const whole = Intl.NumberFormat('en');
const short = Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value: number): string => (value < 100_000 ? whole.format(value) : short.format(value));

export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  if (value >= 10_000) return `${(value / 1_000).toFixed(0)} s`;
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return value >= 10 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

const sizes = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function bytes(value: number): string {
  const size = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const scaled = value / 1_000 ** size;
  return `${scaled < 10 && size > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${sizes[size]}`;
}

export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 || share > 0.995 ? 1 : 0)} %`;
