import type { Target } from '../target.ts';

/** Something that a server does beside its requests. */
export interface Work {
  readonly name: string;
  /** Does it once; ends early, where it can, once `isOver`. */
  run(target: Target, space: string, isOver: () => boolean): Promise<void>;
}

export const works: readonly Work[] = [
  {
    name: 'consolidating',
    run: async ({ client }, space, isOver) => {
      // A dry run compares every memory, as the worker does one, and leaves the space as it is for the next round.
      for await (const _ of await client.spaces.consolidate.mutate({ space, dryRun: true })) if (isOver()) return;
    },
  },
  {
    name: 'rebuilding',
    run: async ({ client }, _space, isOver) => {
      for await (const _ of await client.projections.rebuild.mutate({ verify: false })) if (isOver()) return;
    },
  },
];
