/** Bits for each id and places that an id sets: one in a hundred files is opened for nothing. */
const bitsEach = 10;
const places = 7;

/** A Bloom filter of memory ids, in whole bytes. */
export function bloomOf(ids: ReadonlySet<string>): Buffer {
  const bits = Buffer.alloc(Math.max(8, Math.ceil((ids.size * bitsEach) / 8)));
  const size = BigInt(bits.length * 8);
  for (const id of ids) {
    const { start, step } = hashesOf(id);
    for (let place = 0n; place < places; place += 1n) {
      const at = Number((start + place * step) % size);
      bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
    }
  }
  return bits;
}

/** The last bits of an id are random, whichever version made it: they are its hashes. */
export function hashesOf(id: string): { readonly start: bigint; readonly step: bigint } {
  const digits = id.replaceAll('-', '');
  return { start: BigInt(`0x${digits.slice(24)}`), step: BigInt(`0x${digits.slice(18, 24)}`) | 1n };
}

/** Whether the filter in `column` may hold the id of these hashes, in SQL: `get_bit` counts from the low end of a byte too. */
export function mayHold(column: string, start: string, step: string): string {
  return `(select bool_and(get_bit(${column}, (${start} + place * ${step}) % (length(${column}) * 8)) = 1)
    from generate_series(0, ${places - 1}) place)`;
}
