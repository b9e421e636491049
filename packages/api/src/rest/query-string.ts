import { z } from 'zod';

/** A schema of numbers, read from the text of a URL. */
export function wholeNumberParam<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (value === undefined) return value;
    if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
    context.addIssue({ code: 'custom', message: 'must be a whole number', input: value });
    return z.NEVER;
  }, schema);
}

/** A schema of numbers that need not be whole, read from the text of a URL. */
export function numberParam<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (value === undefined) return value;
    if (typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
    context.addIssue({ code: 'custom', message: 'must be a number', input: value });
    return z.NEVER;
  }, schema);
}

/** A schema of booleans, read from the text of a URL. */
export function flagParam<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value, context) => {
    if (value === undefined) return value;
    if (value === 'true' || value === 'false') return value === 'true';
    context.addIssue({
      code: 'invalid_value',
      values: ['true', 'false'],
      message: 'must be true or false',
      input: value,
    });
    return z.NEVER;
  }, schema);
}

/** A schema of lists, read from the text of a URL: its items are separated by commas. */
export function listParam<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), schema);
}

/** A schema of places in the past, read from the text of a URL: digits are a position. */
export function asOfParam<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}
