import type pg from 'pg';
import { withClient } from '../../bench/database.ts';
import { sqlLiteral } from '../../src/engine/preparing-client.ts';
import { pardonOf } from './faults.ts';
import { latest } from './sent-statements.ts';

/** SQLSTATEs of what a contract made and is gone by now: a table, its schema. */
const gone = ['42P01', '3F000'];

/**
 * Explains every statement that the store has sent since the last look, as it was sent, and tells those that are more
 * than one task though they do not say so. Nothing is executed.
 */
export function severalTasks(databaseUrl: string): Promise<readonly string[]> {
  return withClient(databaseUrl, async (client) => {
    const found: string[] = [];
    for (const [text, parameters] of latest()) {
      if (pardonOf(text) === 'across shards' || !isQuery(text)) continue;
      const problem = await explain(client, text, parameters).catch(unlessGone);
      if (problem !== undefined) found.push(`${problem}:\n${text}`);
    }
    return found;
  });
}

function isQuery(text: string): boolean {
  return /^\s*(\/\*.*?\*\/\s*)*(select|with|insert|update|delete)\b/i.test(text);
}

async function explain(client: pg.Client, text: string, parameters: readonly unknown[]): Promise<string | undefined> {
  await client.query('begin; set local plan_cache_mode = force_custom_plan');
  try {
    await client.query(`prepare sent as ${text}`);
    const given = parameters.length > 0 ? `(${parameters.map(literal).join(', ')})` : '';
    const { rows } = await client.query(`explain (format json, costs off) execute sent${given}`);
    const tasks = taskCounts(rows);
    return tasks.some((count) => count !== 1) ? `is ${tasks.join(' and ')} tasks` : undefined;
  } finally {
    await client.query('rollback; deallocate all');
  }
}

/** As the driver would send it. */
function literal(value: unknown): string {
  if (value instanceof Uint8Array) return sqlLiteral(`\\x${Buffer.from(value).toString('hex')}`);
  if (value instanceof Date) return sqlLiteral(value.toISOString());
  return sqlLiteral(value);
}

function unlessGone(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && gone.includes(String(error.code))) return undefined;
  return `cannot be explained (${error})`;
}

/** How many tasks each part of a plan is that Citus makes one of. */
export function taskCounts(plan: unknown): readonly number[] {
  if (typeof plan !== 'object' || plan === null) return [];
  return Object.entries(plan).flatMap(([key, value]) => (key === 'Task Count' ? [Number(value)] : taskCounts(value)));
}
