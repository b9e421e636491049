/** Numbers of [0, 1) that are the same for the same seed (mulberry32, a generator in the public domain). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a list. `skew` 1 takes all alike; higher, the first more often, as words of a language are. */
export function pick<T>(random: Random, list: readonly T[], skew = 1): T {
  const item = list[Math.floor(list.length * random() ** skew)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
