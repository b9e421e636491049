import { parse } from 'libpg-query';
import { distributionColumn, placeOf } from '../../src/schema/placement.ts';
import { sourcesOf, under, unpinned, type Sources } from './pins.ts';
import { callsVolatile, isMutable, isMutableOfColumns } from './refused-functions.ts';
import { childrenOf, columnOf, isKnown, listOf, ofType, type Syntax, textOf } from './syntax.ts';

/** Why a statement is not one node's work, or would be refused. */
export interface Fault {
  readonly what: string;
  /** Whether a statement that is rarely asked may have it, if it says why. */
  readonly isPardonable: boolean;
}

/** How a statement says that it is asked of all shards at once, and why that is well. */
const acrossShards = /\/\* across shards: \S[^*]* \*\//;

export function isAcrossShards(text: string): boolean {
  return acrossShards.test(text);
}

/** What a distributed database would have against a statement, as its source says; none where every shard is named. */
export async function faultsOf(text: string): Promise<readonly Fault[]> {
  const { stmts } = await parse(text);
  const faults = listOf(stmts).flatMap((stmt) => below((stmt as Syntax).stmt, new Set()));
  return isAcrossShards(text) ? faults.filter(({ isPardonable }) => !isPardonable) : faults;
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
  const ctes = listOf((withClause as Syntax | undefined)?.ctes).map((cte) => ofType(cte, 'CommonTableExpr') ?? {});
  const known = new Set([...outer, ...ctes.map(({ ctename }) => textOf(ctename) ?? '')]);
  return [
    ...below(ctes.map(({ ctequery }) => ctequery), known),
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
  faults.push(...mixed(from, sources, known));
  if (changed !== undefined && placeOf(changed) === 'distributed') {
    faults.push(...(type === 'InsertStmt' ? ofInsert(query, changed) : ofChange(query, changed)));
  }
  return faults;
}

/** Tables that are on the coordinator only cannot be joined with those that are elsewhere. */
function mixed(from: readonly unknown[], { tables }: Sources, known: Known): readonly Fault[] {
  if (tables.size === 0) return [];
  const isLocal = ({ relname }: Syntax) =>
    (!known.has(textOf(relname) ?? '') && !['distributed', 'reference'].includes(placeOf(textOf(relname) ?? '') ?? ''));
  const local = [...sourcesOf(from, isLocal).tables.values()];
  return local.map((table) => fault(`joins ${table}, which is on the coordinator, with ${[...tables.values()][0]}`));
}

function ofInsert(query: Syntax, table: string): readonly Fault[] {
  const faults: Fault[] = [];
  const at = listOf(query.cols).findIndex((column) => ofType(column, 'ResTarget')?.name === distributionColumn);
  const select = ofType(query.selectStmt, 'SelectStmt') ?? {};
  const rows = listOf(select.valuesLists).map((row) => listOf(ofType(row, 'List')?.items));
  const targets = listOf(select.targetList).map((target) => ofType(target, 'ResTarget')?.val);
  const shards = (rows.length > 0 ? rows : [targets]).map((row) => row[at]);
  if (at < 0 || shards.some((shard) => shard === undefined || !(isKnown(shard) || columnOf(shard)))) {
    faults.push(fault(`inserts into ${table} without saying the shard`));
  }
  const conflict = query.onConflictClause as Syntax | undefined;
  if (isMutable([conflict?.targetList, conflict?.whereClause])) {
    faults.push(fault(`sets in ${table}, on conflict, what is not the same at any time`));
  }
  return [...faults, ...ofReturning(query, table)];
}

function ofChange(query: Syntax, table: string): readonly Fault[] {
  const faults: Fault[] = [];
  const set = listOf(query.targetList).map((target) => ofType(target, 'ResTarget') ?? {});
  if (set.some(({ name }) => name === distributionColumn)) faults.push(fault(`moves rows of ${table} to another shard`));
  const decides = [set.map(({ val }) => val), query.whereClause];
  if (callsVolatile(decides)) faults.push(fault(`changes ${table} by a volatile function`));
  if (isMutableOfColumns(decides)) faults.push(fault(`changes ${table} by what the session makes of a column`));
  return [...faults, ...ofReturning(query, table)];
}

function ofReturning(query: Syntax, table: string): readonly Fault[] {
  const returned = (query.returningClause as Syntax | undefined)?.exprs;
  return isMutable(returned) ? [fault(`returns of ${table} what is not the same at any time`)] : [];
}

function fault(what: string): Fault {
  return { what, isPardonable: false };
}

function pardonable(what: string): Fault {
  return { what, isPardonable: true };
}

