import fc from 'fast-check';

/** The part of JSON Schema that inputs and OpenAPI use. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Stands in every text that is generated: it must not turn up in a log. */
export const marker = 'zQx7marker';

const words = [
  'tea',
  'Ada',
  "o'clock",
  'наука',
  '記憶',
  '🧠',
  '%',
  '_',
  '\\',
  '"',
  "';--",
  '<b>',
  '& | ! <->',
  ':*',
  '\n',
];
const uuids = ['01a2008f-4e63-70cc-947e-e9a7f1374773', '00000000-0000-4000-8000-000000000000'];
const times = [
  '2026-11-22T10:00:00Z',
  '0001-01-02T00:00:00+15:00',
  '9999-12-30T00:00:00-15:00',
  '1969-12-31T23:59:59.999Z',
];

/** What no schema should let through, or what should not matter if it does. */
const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    -0,
    0.1,
    1e308,
    2 ** 53,
    -(2 ** 53),
    '',
    ' ',
    '\0',
    '\ud800',
    'null',
    'NaN',
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [null],
    { __proto__: { a: 1 } },
    { constructor: 1 },
    { $ref: '#' },
    '../../etc/passwd',
  ),
  fc.constantFrom<unknown>(
    `${marker} ${'x'.repeat(60_000)}`,
    '🧠'.repeat(30_000),
    `${"'".repeat(2_000)}`,
    '\\'.repeat(3_000),
  ),
  fc.constant(JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that a schema takes, and among them, now and then, what it should not. */
export function valuesOf(schema: JsonSchema, nastyOften = 0.06): fc.Arbitrary<unknown> {
  const proper = properValuesOf(schema, nastyOften);
  const weight = Math.round(nastyOften * 100);
  return fc.oneof({ weight: 100 - weight, arbitrary: proper }, { weight, arbitrary: nasty });
}

function properValuesOf(schema: JsonSchema, nastyOften: number): fc.Arbitrary<unknown> {
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map((one) => properValuesOf(one, nastyOften)));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object': {
      const values = Object.entries(schema.properties ?? {}).map(([name, of]) => [name, valuesOf(of, nastyOften)]);
      return fc.record(Object.fromEntries(values), { requiredKeys: [...(schema.required ?? [])] as never[] });
    }
    case 'array': {
      if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map((one) => properValuesOf(one, nastyOften)));
      const { minItems: minLength = 0, maxItems = 4 } = schema;
      return fc.array(valuesOf(schema.items ?? {}, nastyOften), {
        minLength,
        maxLength: Math.max(minLength, Math.min(4, maxItems)),
      });
    }
    case 'integer':
      return fc.integer({ min: bound(schema.minimum, -10), max: bound(schema.maximum, 1_000) });
    case 'number':
      return fc.double({ min: bound(schema.minimum, -10), max: bound(schema.maximum, 1_000), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textOf(schema);
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function bound(limit: number | undefined, otherwise: number): number {
  return limit === undefined || !Number.isSafeInteger(limit) || Math.abs(limit) > 1_000_000 ? otherwise : limit;
}

function textOf({ format, pattern, minLength = 0, maxLength = 200 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...uuids), fc.uuid());
  if (format === 'date-time') return fc.constantFrom(...times);
  if (pattern?.includes('{64}')) return fc.constant('a'.repeat(64));
  if (pattern?.includes('{12}')) return fc.constant('0123456789ab');
  return fc
    .array(fc.constantFrom(...words), { minLength: minLength > 0 ? 1 : 0, maxLength: 6 })
    .map((parts) => (parts.length === 0 ? '' : `${marker} ${parts.join(' ')}`.slice(0, maxLength)));
}
