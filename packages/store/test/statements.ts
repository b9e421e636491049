import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { Database } from '../src/engine/engine.ts';
import { sqlLiteral } from '../src/engine/preparing-client.ts';

/** The statements that `work` sends, as they are sent; none is executed, each seems to return no row. */
export async function statementsOf(work: (db: Database) => Promise<unknown>): Promise<readonly CompiledQuery[]> {
  const sent: CompiledQuery[] = [];
  const connection: DatabaseConnection = {
    executeQuery: async (query: CompiledQuery) => {
      sent.push(query);
      return { rows: [] };
    },
    streamQuery: () => {
      throw new Error('nothing is streamed');
    },
  };
  const driver = Object.assign(new DummyDriver(), { acquireConnection: async () => connection });
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (introspected) => new PostgresIntrospector(introspected),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  await work(db);
  return sent;
}

/** How a statement reads its tables. */
export interface Plan {
  /** Indexes that are walked. */
  readonly indexes: readonly string[];
  /** Tables that are read from end to end. */
  readonly scanned: readonly string[];
  readonly text: string;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * The plan of a prepared statement in this session: made for these parameters, made once for all, or
 * whichever the database has settled on after ten executions.
 */
export async function planOf(
  trx: Database,
  { sql: text, parameters }: CompiledQuery,
  mode: 'custom' | 'generic' | 'auto',
): Promise<Plan> {
  const call = `execute planned${parameters.length > 0 ? `(${parameters.map(sqlLiteral).join(', ')})` : ''}`;
  await sql.raw(`set local plan_cache_mode = ${mode === 'auto' ? mode : `force_${mode}_plan`}`).execute(trx);
  await sql.raw(`prepare planned as ${text}`).execute(trx);
  if (mode === 'auto') for (let times = 0; times < 10; times += 1) await sql.raw(call).execute(trx);
  const { rows } = await sql.raw<{ 'QUERY PLAN': unknown }>(`explain (format json) ${call}`).execute(trx);
  await sql.raw('deallocate planned').execute(trx);
  const plan = rows[0]!['QUERY PLAN'];
  const [{ Plan: root }] = (typeof plan === 'string' ? JSON.parse(plan) : plan) as [{ Plan: PlanNode }];
  const nodes = flatten(root);
  return {
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))].toSorted(),
    scanned: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])),
    text: describe(root),
  };
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function describe(node: PlanNode, depth = 0): string {
  const line = [node['Node Type'], node['Relation Name'], node['Index Name']].filter(Boolean).join(' ');
  return ['  '.repeat(depth) + line, ...(node.Plans ?? []).map((child) => describe(child, depth + 1))].join('\n');
}
