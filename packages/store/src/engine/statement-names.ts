import { createHash } from 'node:crypto';

const names = new Map<string, string>();

/** Each is kept by every connection, so shapes that come after these are parsed and planned each time. */
const maxNames = 256;

/**
 * The name under which a statement is prepared: those that start with a comment are hot, and parsing
 * and planning them once a connection gives 25–50 % (Kysely never names a statement by itself).
 */
export function statementName(text: string): string | undefined {
  if (!text.startsWith('/*')) return undefined;
  const known = names.get(text);
  if (known) return known;
  if (names.size >= maxNames) return undefined;
  const name = `anima_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
