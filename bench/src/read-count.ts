import { InvalidArgumentError } from 'commander';

/** Reads a whole number that is not negative. */
export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

/** Reads one size after the other, from the least on; those that are given take the place of `usual`. */
export function sizesInsteadOf(usual: readonly number[]) {
  return (text: string, before: readonly number[]): readonly number[] =>
    [...(before === usual ? [] : before), readCount(text)].toSorted((a, b) => a - b);
}

/** Reads a number above 0. */
export function readAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() === '' || !(amount > 0 && amount < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('It is not a number above 0.');
  }
  return amount;
}

/** Reads a time in seconds, which need not be whole. */
export function readSeconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It is no time above 0.');
  return Number(text);
}
