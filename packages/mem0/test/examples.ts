/** The example of the doc comment, word for word, so that the compiler reads it. */
import { Memory } from '../src/index.ts';

export async function memory() {
  const memory = new Memory({ url: 'http://127.0.0.1:7100' });
  await memory.add('I prefer tea to coffee', { userId: 'ada', infer: false });
  const { results } = await memory.search('what to drink?', { filters: { user_id: 'ada' } });
  return results;
}
