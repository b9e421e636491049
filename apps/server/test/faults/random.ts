/** Numbers of [0, 1), the same for the same seed (mulberry32, a generator in the public domain). */
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

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[Math.floor(list.length * random())];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** A seed of one's own choice repeats what one process decides by chance; what the machine does differs. */
export function testSeed(): number {
  const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
  console.log(`FAULTS_SEED=${seed}`);
  return seed;
}
