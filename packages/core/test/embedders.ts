import { AnimaError, type Embedder } from '../src/index.ts';

const model = { provider: 'test', name: 'test', dimensions: 2 };
const vector = new Float32Array([1, 0]);

/** A model that answers when it is told to: at once, after `ms`, never, or with an error. */
export function embedder(behaviour: { afterMs?: number; error?: unknown } = {}) {
  const asked: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const answer = async <T>(texts: readonly string[], signal: AbortSignal | undefined, value: T): Promise<T> => {
    asked.push(...texts);
    signals.push(signal);
    if (behaviour.afterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, behaviour.afterMs));
    if (behaviour.error !== undefined) throw behaviour.error;
    return value;
  };
  const port: Embedder = {
    model,
    embedQuery: (_, text, signal) => answer([text], signal, vector),
    embedContents: (_, texts, signal) =>
      answer(
        texts,
        signal,
        texts.map(() => [vector]),
      ),
    forget: () => undefined,
  };
  return Object.assign(port, { asked, signals });
}

export const unavailable = () => new AnimaError('UNAVAILABLE', 'the model does not answer');
