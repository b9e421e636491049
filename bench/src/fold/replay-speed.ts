import type { Measured } from '@anima/store/measured';

export interface ReplaySpeed {
  readonly projection: string;
  readonly events: number;
  readonly ms: number;
  readonly differences: number;
}

/** How fast `rebuild --verify` replays the log, with the rests that it takes for the sake of requests. */
export async function measureReplay({ store }: Measured): Promise<readonly ReplaySpeed[]> {
  const speeds: ReplaySpeed[] = [];
  let startedAt = performance.now();
  for await (const step of store.rebuild({ verify: true })) {
    if (step.type !== 'report') continue;
    const { projection, events, differenceCount } = step.report;
    speeds.push({ projection, events, ms: performance.now() - startedAt, differences: differenceCount });
    startedAt = performance.now();
  }
  return speeds;
}
