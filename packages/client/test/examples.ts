/** The examples of the doc comments, word for word, so that the compiler reads them. */
import { createAnimaClient, isAnimaClientError } from '../src/index.ts';

const anima = createAnimaClient({ url: 'http://127.0.0.1:7100' });

export async function addQueryCite() {
  await anima.memories.add.mutate({ content: 'Ada prefers tea to coffee', tags: ['preference'] });

  const { memories, recallId } = await anima.memories.query.mutate({ query: 'what does Ada drink?', limit: 5 });
  for (const { content, score } of memories) console.log(score.toFixed(2), content);

  const used = memories.slice(0, 1).map(({ id }) => id);
  if (recallId !== null) await anima.memories.cite.mutate({ recallId, memoryIds: used });
}

export async function rebuild() {
  for await (const step of await anima.projections.rebuild.mutate({ verify: true })) {
    if (step.type === 'progress') console.log(`${step.progress.replayed} of ${step.progress.total} events`);
    else console.log(`${step.report.projection}: ${step.report.differenceCount} differences`);
  }
}

export async function reembed() {
  for await (const step of await anima.spaces.reembed.mutate({ space: 'ada', provider: 'ollama' })) {
    if (step.type === 'progress') console.log(`${step.progress.done} of ${step.progress.total} memories`);
    else console.log(`${step.report.outcome}, ${step.report.failed} refused`);
  }
}

export async function validationError() {
  try {
    await anima.memories.add.mutate({ content: '' });
  } catch (error) {
    if (!isAnimaClientError(error) || error.code !== 'VALIDATION_ERROR') throw error;
    for (const { field, message, limit } of error.details) console.warn(field, message, limit);
  }
}

export async function networkError() {
  const answer = await anima.memories.query.mutate({ query: 'what do I like?' }).catch((error: unknown) => {
    if (isAnimaClientError(error) && error.code === 'NETWORK_ERROR') return undefined;
    throw error;
  });
  return answer;
}
