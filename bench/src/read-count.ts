import { InvalidArgumentError } from 'commander';

/** Reads a whole number that is not negative. */
export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

/** Reads a time in seconds, which need not be whole. */
export function readSeconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It is no time above 0.');
  return Number(text);
}
