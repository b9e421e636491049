import { parse } from 'libpg-query';
import { statementName } from '../../src/engine/statement-names.ts';
import { distributionColumn, placeOf } from '../../src/schema/placement.ts';
import { sourcesOf, under, unpinned } from './pins.ts';
import { callsVolatile, isMutable, isMutableOfColumns } from './refused-functions.ts';
import { childrenOf, columnOf, contains, isKnown, listOf, ofType, type Syntax, textOf } from './syntax.ts';

/** Why a statement is not one node's work, or would be refused. */
export interface Fault {
  readonly what: string;
  /** Whether a statement that is rarely asked may have it, if it says why. */
  readonly isPardonable: boolean;
}

/** How a statement says that it is asked of many shards at once, rarely, and why; or is never sent to many nodes. */
const saying = /\/\* (across shards|one machine): \S[^*]* \*\//;

export type Pardon = 'across shards' | 'one machine';

/** What a statement says of itself, if it does not name its shard. */
export function pardonOf(text: string): Pardon | undefined {
  return saying.exec(text)?.[1] as Pardon | undefined;
}

/** What a distributed database would have against a statement, as its source says; none where every shard is named. */
export async function faultsOf(text: string): Promise<readonly Fault[]> {
  const { stmts } = await parse(text);
  const faults = listOf(stmts).flatMap((raw) => {
    const { stmt } = raw as Syntax;
    const isQuery = contains(stmt, (node) => types.some((type) => ofType(node, type)));
    return isQuery ? [...below(stmt, new Set()), ...amongTables(stmt)] : [];
  });
  const pardon = pardonOf(text);
  if (pardon === undefined) return faults;
  if (pardon === 'one machine') return [];
  // What is prepared is asked all the time.
  const hidden = statementName(text) === undefined ? [] : [fault('is hot, and is asked of all shards')];
  return [...hidden, ...faults.filter(({ isPardonable }) => !isPardonable)];
}

/** Names that stand for something else than a table. */
type Known = ReadonlySet<string>;

const types = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const;

/** Of every query that is found below a node. */
function below(node: unknown, known: Known): readonly Fault[] {
  for (const type of types) {
    const query = ofType(node, type);
    if (query) return ofQuery(type, query, known);
  }
  return childrenOf(node).flatMap((child) => below(child, known));
}

function ofQuery(type: (typeof types)[number], query: Syntax, outer: Known): readonly Fault[] {
  const { withClause, larg, rarg, ...own } = query;
  const ctes = ctesOf(query);
  const known = knownOf(ctes, outer);
  const isRecursive = (withClause as Syntax | undefined)?.recursive === true;
  return [
    // One that does not call itself may read a table of its own name.
    ...ctes.flatMap(({ ctequery }, index) =>
      below(ctequery, isRecursive ? known : knownOf(ctes.slice(0, index), outer)),
    ),
    ...[larg, rarg].flatMap((side) => (side ? ofQuery('SelectStmt', side as Syntax, known) : [])),
    ...level(type, own, known),
    ...below(Object.values(own), known),
  ];
}

/** Of one query alone, without those inside it. */
function level(type: (typeof types)[number], query: Syntax, known: Known): readonly Fault[] {
  if (type === 'MergeStmt') return [fault('merges, which is not looked through here')];
  const changed = type === 'SelectStmt' ? undefined : textOf((query.relation as Syntax).relname);
  const from = [
    ...(changed === undefined || type === 'InsertStmt' ? [] : [{ RangeVar: query.relation }]),
    ...listOf(query.fromClause),
    ...listOf(query.usingClause),
  ];
  const isDistributed = ({ relname }: Syntax) =>
    !known.has(textOf(relname) ?? '') && placeOf(textOf(relname) ?? '') === 'distributed';
  const sources = under(sourcesOf(from, isDistributed), query.whereClause);
  const missing = unpinned(sources);
  const faults = missing.map((name) => pardonable(`reads ${sources.tables.get(name)} without naming its shard`));
  if (missing.length > 0 && listOf(query.lockingClause).length > 0) faults.push(fault('locks rows of several shards'));
  if (changed === undefined) return faults;
  const place = placeOf(changed);
  if (type === 'InsertStmt' && place === 'distributed') faults.push(...ofShards(query, changed));
  // A reference table is changed on every node, and must come out the same there.
  if (place === 'distributed' || place === 'reference') faults.push(...ofChange(query, changed));
  return faults;
}

/** Of a statement as a whole: what its tables are to one another. */
function amongTables(statement: unknown): readonly Fault[] {
  const places = Map.groupBy(tablesIn(statement, new Set()), (table) => placeOf(table) ?? 'coordinator');
  const [distributed] = places.get('distributed') ?? [];
  if (distributed === undefined) return [];
  const changed = contains(statement, (node) =>
    types.some((type) => placeOf(textOf((ofType(node, type)?.relation as Syntax)?.relname) ?? '') === 'reference'),
  );
  return [
    ...[...new Set(places.get('coordinator'))].map((table) =>
      pardonable(`reads ${table}, which is on the coordinator, beside ${distributed}`),
    ),
    ...(changed ? [fault(`changes a table of every node by what ${distributed} has`)] : []),
  ];
}

function tablesIn(node: unknown, outer: Known): readonly string[] {
  const query = types.map((type) => ofType(node, type)).find((found) => found !== undefined);
  const known = query ? knownOf(ctesOf(query), outer) : outer;
  const table = ofType(node, 'RangeVar') ?? (query?.relation as Syntax | undefined);
  const name = textOf(table?.relname);
  const own = name === undefined || known.has(name) ? [] : [name];
  return [...own, ...childrenOf(query ?? node).flatMap((child) => tablesIn(child, known))];
}

function ctesOf({ withClause }: Syntax): readonly Syntax[] {
  return listOf((withClause as Syntax | undefined)?.ctes).map((cte) => ofType(cte, 'CommonTableExpr') ?? {});
}

function knownOf(ctes: readonly Syntax[], outer: Known): Known {
  return new Set([...outer, ...ctes.map(({ ctename }) => textOf(ctename) ?? '')]);
}

/** Whether every row that is inserted says its shard. */
function ofShards(query: Syntax, table: string): readonly Fault[] {
  const columns = listOf(query.cols).map((column) => ofType(column, 'ResTarget')?.name);
  const at = columns.indexOf(distributionColumn);
  const select = ofType(query.selectStmt, 'SelectStmt') ?? {};
  const rows = listOf(select.valuesLists).map((row) => listOf(ofType(row, 'List')?.items));
  const targets = listOf(select.targetList).map((target) => ofType(target, 'ResTarget')?.val);
  const shards = (rows.length > 0 ? rows : [targets]).map((row) => row[at]);
  // Rows that are taken as they are have a shard like any other of their columns.
  const areWhole = columns.length === 0 && targets.length === 1 && isStar(targets[0]);
  const isSaid = at >= 0 && shards.every((shard) => shard !== undefined && (isKnown(shard) || columnOf(shard)));
  return areWhole || isSaid ? [] : [fault(`inserts into ${table} without saying the shard`)];
}

function isStar(target: unknown): boolean {
  const fields = listOf(ofType(target, 'ColumnRef')?.fields);
  return fields.length > 0 && ofType(fields.at(-1), 'A_Star') !== undefined;
}

function ofChange(query: Syntax, table: string): readonly Fault[] {
  const conflict = query.onConflictClause as Syntax | undefined;
  const set = [...listOf(query.targetList), ...listOf(conflict?.targetList)].map(
    (target) => ofType(target, 'ResTarget') ?? {},
  );
  const decides = [set.map(({ val }) => val), query.whereClause];
  const onConflict = [conflict?.targetList, conflict?.whereClause];
  const returned = (query.returningClause as Syntax | undefined)?.exprs;
  const refused: Readonly<Record<string, boolean>> = {
    'moves rows to another shard': set.some(({ name }) => name === distributionColumn),
    'changes rows by a volatile function': callsVolatile(decides),
    'changes rows by what the session makes of a column, or chooses': isMutableOfColumns(decides),
    'sets on conflict what is not the same at any time': isMutable(onConflict),
    'returns what is not the same at any time': isMutable(returned),
  };
  return Object.entries(refused).flatMap(([what, is]) => (is ? [fault(`${what}: ${table}`)] : []));
}

function fault(what: string): Fault {
  return { what, isPardonable: false };
}

function pardonable(what: string): Fault {
  return { what, isPardonable: true };
}
