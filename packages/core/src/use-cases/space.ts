import type { ConfigureInput, SpaceInput } from '../inputs/spaces.ts';
import type { Reembeddings, SpaceModel } from '../ports/reembedding.ts';
import type { MemoryStore } from '../ports.ts';
import type { SpaceSettings } from '../space-settings.ts';
import { requestKey } from './add.ts';

export interface SpaceResult {
  readonly space: string;
  /** What the space decides for itself; the rest is as the server has it. */
  readonly settings: SpaceSettings;
}

export interface SpaceDescription extends SpaceResult, SpaceModel {}

/** A space, its settings, its model and how far it is on its way to another one. */
export async function describeSpace(
  { store, reembeddings }: { readonly store: MemoryStore; readonly reembeddings: Reembeddings },
  input: SpaceInput,
): Promise<SpaceDescription> {
  const space = await store.openSpace(input.space);
  return { space: space.id, settings: space.settings, ...(await reembeddings.read(space)) };
}

/** Changes settings of a space. It holds for requests that come after, in other processes a few seconds later. */
export async function configureSpace(
  store: MemoryStore,
  { space: name, settings, idempotencyKey }: ConfigureInput,
): Promise<SpaceResult> {
  const space = await store.openSpace(name);
  return {
    space: space.id,
    settings: await store.configure(space, settings, requestKey('configure', idempotencyKey, settings)),
  };
}
