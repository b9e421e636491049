/** As much of JSON Schema as the inputs use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** The fields of an object as a table. */
export function fieldTable({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const isRequired = required.includes(name) && schema.default === undefined;
    const facts = [isRequired ? 'required' : '', fallbackOf(schema), schema.description ?? ''];
    return `| \`${name}\` | ${typeOf(schema)} | ${facts.filter((fact) => fact !== '').join('; ')} |`;
  });
  return rows.length === 0 ? 'Takes nothing.' : ['| field | | |', '|---|---|---|', ...rows].join('\n');
}

function fallbackOf({ default: value }: Schema): string {
  return value === undefined ? '' : `default \`${JSON.stringify(value)}\``;
}

function typeOf(schema: Schema): string {
  const { type, anyOf, oneOf, items, properties, format, required } = schema;
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map((choice) => typeOf(choice)))].join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (type === 'array' && items) return `list of ${typeOf(items)}${bounds(schema.minItems, schema.maxItems, '')}`;
  if (type === 'object' && properties) {
    const names = Object.keys(properties).map((name) => (required?.includes(name) ? name : `${name}?`));
    return `{ ${names.join(', ')} }`;
  }
  const name = format === 'date-time' ? 'ISO 8601 time' : (format ?? [type ?? 'anything'].flat().join(' or '));
  const { minimum = schema.exclusiveMinimum, maximum, minLength, maxLength } = schema;
  return name + (type === 'string' ? bounds(minLength, maxLength, ' characters') : bounds(minimum, maximum, ''));
}

function bounds(from: number | undefined, to: number | undefined, unit: string): string {
  const isOpen = to === undefined || to >= Number.MAX_SAFE_INTEGER;
  if (isOpen) return from === undefined || from <= 0 ? '' : `, at least ${from}${unit}`;
  return from === undefined ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`;
}
