import { InvalidArgumentError } from 'commander';

/** Reads a whole number that is not negative. */
export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}
