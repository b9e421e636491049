import { AnimaError } from '../errors.ts';
import type { CancelReembedInput, ReembedInput } from '../inputs/reembedding.ts';
import { limits } from '../limits.ts';
import type { ModelFinder, Reembedding, Reembeddings, SpaceModel } from '../ports/reembedding.ts';
import type { EmbeddingModel, MemoryStore, Space } from '../ports.ts';

/** Between two looks at a reembedding, ms. */
const pollMs = 250;

export interface ReembedDependencies {
  readonly store: Pick<MemoryStore, 'openSpace'>;
  readonly reembeddings: Reembeddings;
  readonly embedder: ModelFinder;
}

export interface ReembedReport {
  readonly space: string;
  readonly model: EmbeddingModel;
  /** `unchanged`: the space had this model already. `cancelled`: it stays with the one it has. */
  readonly outcome: 'switched' | 'cancelled' | 'unchanged';
  /** Memories that were looked at. */
  readonly memories: number;
  /** Memories that the model refused: they are found by their words, and tried again ever more rarely. */
  readonly failed: number;
}

export type ReembedStep =
  | { readonly type: 'progress'; readonly progress: Reembedding }
  | { readonly type: 'report'; readonly report: ReembedReport };

export interface ReembeddingResult extends SpaceModel {
  readonly space: string;
}

/**
 * Begins to give a space another model, or comes back to a change that goes on already. Workers do the
 * work; until all of it is done queries are answered by the model that the space has.
 *
 * @throws AnimaError before anything changes: `VALIDATION_ERROR` for a model that the settings do not reach,
 * `UNAVAILABLE` for one that does not answer, `CONFLICT` while the space is on its way to yet another one
 */
export async function beginReembedding(
  { store, reembeddings, embedder }: ReembedDependencies,
  input: ReembedInput,
): Promise<ReembeddingResult> {
  const space = await store.openSpace(input.space);
  const { textsPerSecond } = input;
  const known = await reembeddings.read(space);
  // One that goes on is not stopped by a model that happens to be away.
  const underWay = known.reembedding?.model;
  const model = underWay && isMeant(underWay, input) ? underWay : await find(embedder, input);
  if (!known.reembedding && isSame(known.model, model)) return { space: space.id, ...known };
  return { space: space.id, ...(await reembeddings.begin(space, model, { textsPerSecond })) };
}

/** As {@link beginReembedding}; then tells how far it is, to its end. Who stops listening stops nothing. */
export async function reembed(
  dependencies: ReembedDependencies,
  input: ReembedInput,
): Promise<AsyncIterable<ReembedStep>> {
  const space = await dependencies.store.openSpace(input.space);
  const begun = await beginReembedding(dependencies, input);
  return follow(dependencies.reembeddings, space, begun);
}

/**
 * Gives a reembedding up: the space stays with its model.
 *
 * @throws AnimaError `NOT_FOUND` when none goes on
 */
export async function cancelReembedding(
  { store, reembeddings }: Omit<ReembedDependencies, 'embedder'>,
  input: CancelReembedInput,
): Promise<ReembeddingResult> {
  const space = await store.openSpace(input.space);
  const cancelled = await reembeddings.cancel(space);
  if (!cancelled) throw new AnimaError('NOT_FOUND', `space "${space.id}" is not being reembedded`);
  return { space: space.id, ...(await reembeddings.read(space)) };
}

async function find(embedder: ModelFinder, { provider, model, dimensions }: ReembedInput): Promise<EmbeddingModel> {
  const found = await embedder.findModel({ provider, name: model, dimensions });
  if (found.dimensions <= limits.modelDimensions) return found;
  const message = `must be at most ${limits.modelDimensions}, which the database can index; this model has ${found.dimensions}`;
  throw new AnimaError('VALIDATION_ERROR', `dimensions: ${message}`, {
    details: [{ field: 'dimensions', message, limit: limits.modelDimensions }],
  });
}

async function* follow(
  reembeddings: Reembeddings,
  space: Space,
  begun: ReembeddingResult,
): AsyncGenerator<ReembedStep> {
  const wanted = begun.reembedding;
  if (!wanted) {
    yield { type: 'report', report: reportOf(begun, begun.model, 'unchanged', 0) };
    return;
  }
  let now: SpaceModel = begun;
  let memories = wanted.total;
  while (now.reembedding && isSame(now.reembedding.model, wanted.model)) {
    memories = Math.max(memories, now.reembedding.done);
    yield { type: 'progress', progress: now.reembedding };
    await pause();
    now = await reembeddings.read(space);
  }
  const outcome = isSame(now.model, wanted.model) ? 'switched' : 'cancelled';
  yield { type: 'report', report: reportOf({ ...now, space: space.id }, wanted.model, outcome, memories) };
}

function reportOf(
  { space, failed }: ReembeddingResult,
  model: EmbeddingModel,
  outcome: ReembedReport['outcome'],
  memories: number,
): ReembedReport {
  return { space, model, outcome, memories, failed: outcome === 'cancelled' ? 0 : failed };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs));
}

function isSame(a: EmbeddingModel, b: EmbeddingModel): boolean {
  return a.provider === b.provider && a.name === b.name && a.dimensions === b.dimensions;
}

function isMeant(model: EmbeddingModel, { provider, model: name, dimensions }: ReembedInput): boolean {
  const isName = name === undefined || name === model.name || name === `${model.name}:latest`;
  return provider === model.provider && isName && (dimensions === undefined || dimensions === model.dimensions);
}
