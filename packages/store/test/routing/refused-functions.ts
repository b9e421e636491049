import { contains, listOf, nameOf, ofType, textOf } from './syntax.ts';

/** Functions that answer anew for every row. Citus refuses them in what is set, and in the condition, of a change. */
const volatileFunctions: ReadonlySet<string> = new Set([
  ...['clock_timestamp', 'timeofday', 'random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'nextval', 'setval', 'currval'],
  ...['set_config', 'pg_notify', 'pg_advisory_lock', 'pg_try_advisory_lock', 'pg_advisory_xact_lock'],
]);

/** Functions that answer by the session and its transaction. Citus refuses them with columns, and where two may conflict. */
const stableFunctions: ReadonlySet<string> = new Set([
  ...['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'age', 'date_trunc', 'to_char'],
  ...['to_json', 'to_jsonb', 'row_to_json', 'json_build_object', 'jsonb_build_object', 'json_build_array'],
  ...['jsonb_build_array', 'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg', 'array_to_json'],
  ...['array_to_string', 'concat', 'concat_ws', 'format'],
]);

export function callsVolatile(node: unknown): boolean {
  return contains(node, (part) => volatileFunctions.has(functionOf(part)));
}

/** Whether something in it may differ between two transactions. */
export function isMutable(node: unknown): boolean {
  return contains(node, isMutableCall);
}

/** Whether something that depends on the session is computed of a column, or is one of several that are chosen from. */
export function isMutableOfColumns(node: unknown): boolean {
  return contains(node, (part) => {
    if (isMutableCall(part)) return contains(part, (below) => Boolean(ofType(below, 'ColumnRef')));
    return Boolean(ofType(part, 'CoalesceExpr') ?? ofType(part, 'CaseExpr')) && isMutable(part);
  });
}

function isMutableCall(node: unknown): boolean {
  const name = functionOf(node);
  return volatileFunctions.has(name) || stableFunctions.has(name);
}

function functionOf(node: unknown): string {
  const call = ofType(node, 'FuncCall');
  if (call) return nameOf(listOf(call.funcname).at(-1));
  // `current_timestamp` and its like.
  return textOf(ofType(node, 'SQLValueFunction')?.op) === undefined ? '' : 'now';
}
