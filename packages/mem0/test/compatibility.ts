/** A program by mem0's own types: that the facade is accepted where they are wanted is for the compiler to say. */
import type { Memory as Mem0Memory } from 'mem0ai/oss';

type Served = Pick<Mem0Memory, 'add' | 'search' | 'getAll' | 'get' | 'update' | 'delete' | 'deleteAll' | 'history'>;

/** What a program written for mem0 does, by mem0's types alone. */
export async function program(memory: Served) {
  const { results } = await memory.add([{ role: 'user', content: 'I prefer tea' }], {
    userId: 'ada',
    metadata: { category: 'drinks' },
    infer: false,
  });
  const found = await memory.search('tea', {
    topK: 3,
    filters: { user_id: 'ada', category: 'drinks' },
    threshold: 0.1,
  });
  const all = await memory.getAll({ filters: { user_id: 'ada' }, topK: 10 });
  const id = results[0]?.id ?? '';
  await memory.update(id, { text: 'I prefer chai' });
  const item = await memory.get(id);
  const rows = await memory.history(id);
  await memory.delete(id);
  await memory.deleteAll({ userId: 'ada' });
  return { added: results, found: found.results, all: all.results, item, rows };
}
