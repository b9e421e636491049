/** What became of a change of many things, of which some may have failed. */
export interface Parted<Item> {
  readonly done: readonly Item[];
  /** Why it was not done to the others, the first of the reasons; undefined where it was done to all. */
  readonly failure?: unknown;
}

/** Changes a part of them; says of each what became of it. */
type Send<Item> = (part: readonly Item[]) => Promise<readonly PromiseSettledResult<unknown>[]>;

/** By a request that names the whole part, of which all or nothing is done. */
export const asOne =
  <Item>(change: (part: readonly Item[]) => Promise<unknown>): Send<Item> =>
  async (part) => {
    const results = await Promise.allSettled([change(part)]);
    return part.flatMap(() => results);
  };

/** By a call for each: those of one part share a request, and each succeeds or fails for itself. */
export const oneByOne =
  <Item>(change: (item: Item) => Promise<unknown>): Send<Item> =>
  (part) =>
    Promise.allSettled(part.map(change));

/**
 * Changes many things part by part. One that fails keeps nobody from the others; a part of which nothing is done ends it,
 * for then the next would fare no better.
 *
 * @param onPart hears how many are dealt with
 */
export async function inParts<Item>(
  items: readonly Item[],
  size: number,
  send: Send<Item>,
  onPart: (dealtWith: number) => void = () => undefined,
): Promise<Parted<Item>> {
  const done: Item[] = [];
  let failure: unknown;
  for (let from = 0; from < items.length; from += size) {
    const part = items.slice(from, from + size);
    const results = await send(part);
    const doneOfPart = part.filter((_, index) => results[index]?.status === 'fulfilled');
    done.push(...doneOfPart);
    failure ??= results.find((result) => result.status === 'rejected')?.reason;
    if (doneOfPart.length === 0) break;
    onPart(from + part.length);
  }
  return failure === undefined ? { done } : { done, failure };
}
