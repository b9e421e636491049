/** The examples of the doc comments and of the guides, word for word, so that the compiler reads them. */
import { createAnimaClient, eventsOf, isAnimaClientError, pagesOf } from '../src/index.ts';

const anima = createAnimaClient({ url: 'http://127.0.0.1:7100' });

export async function addQueryCite() {
  await anima.memories.add.mutate({ content: 'Ada prefers tea to coffee', tags: ['preference'] });

  const { memories, recallId } = await anima.memories.query.mutate({ query: 'what does Ada drink?', limit: 5 });
  for (const { content, score } of memories) console.log(score.toFixed(2), content);

  const used = memories.slice(0, 1).map(({ id }) => id);
  if (recallId !== null) await anima.memories.cite.mutate({ recallId, memoryIds: used });
}

export async function associations() {
  const { memories, associated = [] } = await anima.memories.query.mutate({ query: 'what does Ada drink?', expand: 5 });
  for (const { memory, strength, via } of associated) console.log(strength.toFixed(3), memory.content, `(with ${via})`);

  for (const { id } of memories.slice(0, 1)) {
    const { associations } = await anima.associations.discover.query({ memoryId: id, minStrength: 0.1 });
    const { nodes, edges, truncated } = await anima.associations.graph.query({ memoryId: id, depth: 3, perNode: 5 });
    console.log(associations.length, nodes.length, edges.length, truncated);
  }

  const { hubs } = await anima.associations.hubs.query({ limit: 5 });
  for (const { memory, connections, meanStrength } of hubs) console.log(connections, meanStrength, memory.content);
  const { pairs, distribution } = await anima.associations.networkStats.query({});
  console.log(pairs, distribution);

  const { catalysts } = await anima.memories.catalysts.query({ limit: 5 });
  const { potential } = await anima.memories.potentialCatalysts.query({});
  for (const { memory, reasons } of potential) console.log(memory.content, reasons);
  console.log(catalysts.length);
}

export async function pages() {
  for await (const { memories } of pagesOf(anima.memories.list, { tags: ['preference'], limit: 100 })) {
    for (const { id, content } of memories) console.log(id, content);
  }
}

export async function events() {
  for await (const { type, position, memoryIds } of eventsOf(anima, { space: 'ada', types: ['memory.added'] })) {
    console.log(position, type, memoryIds);
  }
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
