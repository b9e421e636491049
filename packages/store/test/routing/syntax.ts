/** A node of a parsed statement: what it is, and the fields of it. */
export type Syntax = Readonly<Record<string, unknown>>;

/** The fields of a node, if it is of this type. */
export function ofType(node: unknown, type: string): Syntax | undefined {
  const fields = isSyntax(node) ? node[type] : undefined;
  return isSyntax(fields) ? fields : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The text of a `String` node. */
export function nameOf(node: unknown): string {
  return textOf(ofType(node, 'String')?.sval) ?? '';
}

/** Everything right below a node. */
export function childrenOf(node: unknown): readonly unknown[] {
  return Array.isArray(node) ? node : isSyntax(node) ? Object.values(node) : [];
}

/** Whether a node, or anything below it, satisfies `is`. */
export function contains(node: unknown, is: (node: unknown) => boolean): boolean {
  return is(node) || childrenOf(node).some((child) => contains(child, is));
}

/** A column as it is written, with the table that it is said to be of. */
export function columnOf(node: unknown): { readonly table: string | undefined; readonly column: string } | undefined {
  const cast = ofType(node, 'TypeCast');
  if (cast) return columnOf(cast.arg);
  const names = ofType(node, 'ColumnRef') ? listOf(ofType(node, 'ColumnRef')?.fields).map(nameOf) : [];
  const column = names.at(-1);
  return column ? { table: names.at(-2), column } : undefined;
}

/** Whether a value is known before any row is read: a constant, a parameter, and what is computed of those. */
export function isKnown(node: unknown): boolean {
  return !contains(node, (part) => ['ColumnRef', 'SubLink', 'SelectStmt'].some((type) => ofType(part, type)));
}

/** The conditions that all must hold. */
export function conjunctsOf(condition: unknown): readonly unknown[] {
  if (!condition) return [];
  const all = ofType(condition, 'BoolExpr');
  return all?.boolop === 'AND_EXPR' ? listOf(all.args).flatMap(conjunctsOf) : [condition];
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
