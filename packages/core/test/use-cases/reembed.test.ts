import { describe, expect, test, vi } from 'vitest';
import {
  beginReembedding,
  cancelReembedding,
  type EmbeddingModel,
  type ModelFinder,
  type Reembeddings,
  reembed,
  reembedInput,
  type SpaceModel,
} from '../../src/index.ts';
import { InMemoryStore } from '../in-memory-store.ts';

const former = { provider: 'test', name: 'test', dimensions: 2 };
const wanted = { provider: 'ollama', name: 'wanted', dimensions: 3 };
const progress = { done: 1, total: 4, failed: 0, textsPerSecond: null, problem: null };
const underWay: SpaceModel = { model: former, failed: 0, reembedding: { model: wanted, ...progress } };
const at = (model: EmbeddingModel, failed = 0): SpaceModel => ({ model, failed, reembedding: null });

/** What is read comes in this order; the last one stays. */
function parts(states: readonly SpaceModel[], found: EmbeddingModel = wanted) {
  const left = [...states];
  const read = vi.fn(async () => (left.length > 1 ? left.shift()! : left[0]!));
  const begin = vi.fn<Reembeddings['begin']>(async () => read());
  const cancel = vi.fn<Reembeddings['cancel']>(async () => left[0]!.reembedding?.model);
  const findModel = vi.fn<ModelFinder['findModel']>(async () => found);
  return { store: new InMemoryStore(), reembeddings: { read, begin, cancel }, embedder: { findModel } };
}

const input = reembedInput.parse({ provider: 'ollama', model: 'wanted' });

async function stepsOf(dependencies: ReturnType<typeof parts>) {
  const steps: unknown[] = [];
  for await (const step of await reembed(dependencies, input)) steps.push(step);
  return steps;
}

describe('giving a space another model', () => {
  test('given a model that answers, it begins, tells how far it is and how it ended', async () => {
    const dependencies = parts([at(former), underWay, at(wanted, 1)]);
    const report = { space: 'default', model: wanted, outcome: 'switched', memories: 4, failed: 1 };
    expect(await stepsOf(dependencies)).toEqual([
      { type: 'progress', progress: underWay.reembedding },
      { type: 'report', report },
    ]);
    expect(dependencies.embedder.findModel).toHaveBeenCalledWith({ provider: 'ollama', name: 'wanted' });
  });

  test('given the model that it has, there is nothing to begin', async () => {
    const dependencies = parts([at(wanted)]);
    expect(await stepsOf(dependencies)).toMatchObject([{ report: { outcome: 'unchanged' } }]);
    expect(dependencies.reembeddings.begin).not.toHaveBeenCalled();
  });

  test('given one under way to that model, it is watched, whether the model answers or not', async () => {
    const dependencies = parts([underWay, underWay, at(wanted)]);
    dependencies.embedder.findModel.mockRejectedValue(new Error('gone'));
    expect((await stepsOf(dependencies)).at(-1)).toMatchObject({ report: { outcome: 'switched' } });
  });

  test('given that somebody gives it up, it says so', async () => {
    expect((await stepsOf(parts([at(former), underWay, at(former)]))).at(-1)).toMatchObject({
      report: { outcome: 'cancelled', model: wanted, failed: 0 },
    });
  });

  test('given a model that does not answer, or whose vectors no index takes, nothing begins', async () => {
    const gone = parts([at(former)]);
    gone.embedder.findModel.mockRejectedValue(new Error('gone'));
    await expect(beginReembedding(gone, input)).rejects.toThrow('gone');
    const wide = parts([at(former)], { ...wanted, dimensions: 4_001 });
    await expect(beginReembedding(wide, input)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'dimensions', limit: 4_000 }],
    });
    for (const { reembeddings } of [gone, wide]) expect(reembeddings.begin).not.toHaveBeenCalled();
  });

  test('given none under way, giving it up is NOT_FOUND', async () => {
    await expect(cancelReembedding(parts([at(former)]), { space: 'default' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
