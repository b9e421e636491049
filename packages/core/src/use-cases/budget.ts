/**
 * Waits for work at most `budgetMs`. Past that, or once it is not `needed` any more, the work is told to
 * withdraw and the answer is `undefined`; so it is when the work fails with an error that `tolerate` accepts.
 */
export async function withinBudget<T>(
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  tolerate: (error: unknown) => boolean,
  isNeeded: Promise<boolean> = Promise.resolve(true),
): Promise<T | undefined> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<undefined>((resolve) => {
    const giveUp = () => {
      controller.abort();
      resolve(undefined);
    };
    timer = setTimeout(giveUp, budgetMs);
    isNeeded.then((needed) => needed || giveUp(), giveUp);
  });
  const result = work(controller.signal).catch((error: unknown) => {
    if (controller.signal.aborted || tolerate(error)) return undefined;
    throw error;
  });
  try {
    return await Promise.race([result, outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}
