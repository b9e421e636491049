/**
 * Waits for work at most `budgetMs`. Past that the work is told to withdraw and the answer is
 * `undefined`; so it is when the work fails with an error that `tolerate` accepts.
 */
export async function withinBudget<T>(
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  tolerate: (error: unknown) => boolean,
): Promise<T | undefined> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      controller.abort();
      resolve(undefined);
    }, budgetMs);
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
