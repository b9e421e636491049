import type { AnimaClientError } from '@anima/client';

/** Between a subscription that broke off and the next try, ms. */
const againAfterMs = 1_500;

interface Subscribed<Step> {
  onStarted(): void;
  onData(step: Step): void;
  onError(error: AnimaClientError | Error): void;
  onComplete(): void;
  onConnectionStateChange(change: { readonly state: string; readonly error: unknown }): void;
}

/**
 * Keeps a subscription of the client going: one that ends for whatever reason is begun again, until it is stopped.
 *
 * @param subscribe begins it, as `(on) => client.meta.live.subscribe(undefined, on)` does
 * @param isConnected hears whether the server answers, at each change
 * @returns stops it
 */
export function follow<Step>(
  subscribe: (on: Subscribed<Step>) => { unsubscribe(): void },
  onStep: (step: Step) => void,
  isConnected: (connected: boolean) => void = () => undefined,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: { unsubscribe(): void } | undefined;
  let isStopped = false;
  const begin = () => {
    timer = undefined;
    const again = () => {
      if (isStopped || timer !== undefined) return;
      isConnected(false);
      timer = setTimeout(() => {
        current?.unsubscribe();
        begin();
      }, againAfterMs);
    };
    current = subscribe({
      onStarted: () => isConnected(true),
      onData: onStep,
      onError: again,
      onComplete: again,
      // The browser reconnects by itself where it can; meanwhile nobody answers.
      onConnectionStateChange: ({ state, error }) => {
        if (state === 'connecting' && error) isConnected(false);
      },
    });
  };
  begin();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    current?.unsubscribe();
  };
}
