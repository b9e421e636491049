import { distributionColumn } from '../../src/schema/placement.ts';
import { columnOf, conjunctsOf, isKnown, listOf, nameOf, ofType, type Syntax, textOf } from './syntax.ts';

/** What a query reads from, and which of it is known to be of one shard. */
export interface Sources {
  /** Names under which the query knows what it reads from, tables or not. */
  readonly names: readonly string[];
  /** Names of those that are tables, and their tables. */
  readonly tables: ReadonlyMap<string, string>;
  /** Those whose shard is a value. */
  readonly pinned: readonly string[];
  /** From the first to the second: who pins the first, pins the second. */
  readonly equal: readonly (readonly [string, string])[];
}

const none: Sources = { names: [], tables: new Map(), pinned: [], equal: [] };

/** What a `from` names, with what its joins say. */
export function sourcesOf(from: readonly unknown[], isTable: (node: Syntax) => boolean): Sources {
  return from.map((node) => sourceOf(node, isTable)).reduce(beside, none);
}

/** The same, knowing what a condition says of all of it. */
export function under(sources: Sources, condition: unknown): Sources {
  return beside(sources, saidBy(condition, sources, sources.names));
}

/** Names of tables of which nothing says what shard they are read of. */
export function unpinned({ tables, pinned, equal }: Sources): readonly string[] {
  const reached = new Set(pinned);
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const [from, to] of equal) if (reached.has(from)) reached.add(to);
  }
  return [...tables.keys()].filter((name) => !reached.has(name));
}

function sourceOf(node: unknown, isTable: (node: Syntax) => boolean): Sources {
  const table = ofType(node, 'RangeVar');
  if (table) {
    const name = aliasOf(table) ?? textOf(table.relname) ?? '';
    const tables = isTable(table) ? new Map([[name, textOf(table.relname) ?? '']]) : none.tables;
    return { ...none, names: [name], tables };
  }
  const join = ofType(node, 'JoinExpr');
  if (join) return joined(join, sourceOf(join.larg, isTable), sourceOf(join.rarg, isTable));
  const other = ofType(node, 'RangeSubselect') ?? ofType(node, 'RangeFunction') ?? {};
  return { ...none, names: [aliasOf(other) ?? ''] };
}

function joined(join: Syntax, left: Sources, right: Sources): Sources {
  const both = beside(left, right);
  // The condition of an outer join says nothing about the side of which every row stays.
  const limited = {
    JOIN_INNER: both.names,
    JOIN_LEFT: right.names,
    JOIN_RIGHT: left.names,
  }[textOf(join.jointype) ?? ''];
  const using = listOf(join.usingClause).some((column) => nameOf(column) === distributionColumn);
  const pairs = using
    ? [...left.tables.keys()].flatMap((l) => [...right.tables.keys()].map((r) => [l, r] as const))
    : [];
  const equal = pairs.flatMap(([l, r]) => [[l, r] as const, [r, l] as const]).filter(([, to]) => limited?.includes(to));
  return beside(beside(both, saidBy(join.quals, both, limited ?? [])), { ...none, equal });
}

/** What a condition says of the shards of those that it limits. */
function saidBy(condition: unknown, { tables }: Sources, limited: readonly string[]): Sources {
  const shardOf = (node: unknown): string | undefined => {
    const found = columnOf(node);
    if (found?.column !== distributionColumn) return undefined;
    // Without a table's name it can only be of one, or the database would refuse it.
    return found.table ?? [...tables.keys()][0];
  };
  const pinned: string[] = [];
  const equal: (readonly [string, string])[] = [];
  for (const [a, b] of conjunctsOf(condition).flatMap(equalitiesOf)) {
    const [left, right] = [shardOf(a), shardOf(b)];
    if (left !== undefined && isKnown(b)) pinned.push(left);
    if (right !== undefined && isKnown(a)) pinned.push(right);
    if (left !== undefined && right !== undefined) equal.push([left, right], [right, left]);
  }
  return {
    ...none,
    pinned: pinned.filter((name) => limited.includes(name)),
    equal: equal.filter(([, to]) => limited.includes(to)),
  };
}

/** What a condition says is equal: `a = b`, `(a, b) = (c, d)`, `a in (b)`. Several values are not one. */
function equalitiesOf(condition: unknown): readonly (readonly [unknown, unknown])[] {
  const compared = ofType(condition, 'A_Expr');
  if (!compared || nameOf(listOf(compared.name)[0]) !== '=') return [];
  if (compared.kind === 'AEXPR_IN') {
    const values = listOf(ofType(compared.rexpr, 'List')?.items);
    return values.length === 1 ? [[compared.lexpr, values[0]]] : [];
  }
  if (compared.kind !== 'AEXPR_OP') return [];
  const [left, right] = [ofType(compared.lexpr, 'RowExpr'), ofType(compared.rexpr, 'RowExpr')];
  if (!left || !right) return [[compared.lexpr, compared.rexpr]];
  return listOf(left.args).map((value, index) => [value, listOf(right.args)[index]] as const);
}

function aliasOf(node: Syntax): string | undefined {
  const { alias } = node as { readonly alias?: Syntax };
  return textOf(alias?.aliasname);
}

function beside(a: Sources, b: Sources): Sources {
  return {
    names: [...a.names, ...b.names],
    tables: new Map([...a.tables, ...b.tables]),
    pinned: [...a.pinned, ...b.pinned],
    equal: [...a.equal, ...b.equal],
  };
}
