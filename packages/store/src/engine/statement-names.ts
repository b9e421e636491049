import { createHash } from 'node:crypto';

const names = new Map<string, string>();

/**
 * The name under which a statement is prepared: those that start with a comment are hot, and parsing
 * and planning them once a connection gives 25–50 % (Kysely never names a statement by itself). The
 * shapes a statement can take are few, so are the names.
 */
export function statementName(text: string): string | undefined {
  if (!text.startsWith('/*')) return undefined;
  const known = names.get(text);
  if (known) return known;
  const name = `anima_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
