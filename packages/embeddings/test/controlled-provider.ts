import type { Provider } from '../src/provider.ts';

/** A call that a test answers when it wants to. */
interface Call {
  readonly texts: readonly string[];
  /** Answers every text with its own vector, or with what is given. */
  answer(answers?: readonly unknown[]): void;
  fail(error: unknown): void;
}

export interface ControlledProvider extends Provider {
  readonly calls: readonly Call[];
}

/** A model of 3 dimensions that answers only when it is told to. */
export function controlledProvider(overrides: Partial<Provider> = {}): ControlledProvider {
  const calls: Call[] = [];
  return {
    model: { provider: 'test', name: 'controlled', dimensions: 3 },
    maxCharacters: 100,
    maxBatch: 10,
    maxBatchCharacters: 1_000,
    concurrency: 1,
    calls,
    embed(texts, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
      signal.addEventListener('abort', () => reject(signal.reason));
      calls.push({ texts, answer: (answers = texts.map(vectorOf)) => resolve(answers), fail: reject });
      return promise;
    },
    ...overrides,
  };
}

/** Different for texts of different length or first character. */
function vectorOf(text: string): number[] {
  return [text.length, text.charCodeAt(0), 1];
}

/** Long enough for everything that is ready to happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a promise has become by now. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  let state: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  promise.then(
    () => (state = 'fulfilled'),
    () => (state = 'rejected'),
  );
  await settle();
  return state;
}
