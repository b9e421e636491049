/** Reads of one thing that run beside each other; whoever asks while so many run shares the next. */
const atOnce = 2;

interface Waiting<R> extends PromiseWithResolvers<R> {
  readonly read: () => Promise<R>;
}

interface Reads<R> {
  running: number;
  /** What begins as soon as one ends, for all who came meanwhile. */
  next: Waiting<R> | undefined;
}

/**
 * Many who ask for the same thing at the same time are answered by one read. It begins after each of them has asked,
 * so nobody is shown less than a read of their own would have shown.
 */
export class SharedReads<R> {
  readonly #reads = new Map<string, Reads<R>>();

  /** @param key what is read: whatever has the same key has the same answer */
  read(key: string, read: () => Promise<R>): Promise<R> {
    const reads = this.#reads.get(key) ?? { running: 0, next: undefined };
    this.#reads.set(key, reads);
    if (reads.running < atOnce) return this.#run(key, reads, read);
    reads.next ??= { ...Promise.withResolvers<R>(), read };
    return reads.next.promise;
  }

  async #run(key: string, reads: Reads<R>, read: () => Promise<R>): Promise<R> {
    reads.running += 1;
    try {
      return await read();
    } finally {
      reads.running -= 1;
      const { next } = reads;
      reads.next = undefined;
      if (next) this.#run(key, reads, next.read).then(next.resolve, next.reject);
      else if (reads.running === 0) this.#reads.delete(key);
    }
  }
}
