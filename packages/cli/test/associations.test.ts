import { randomUUID } from 'node:crypto';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { anima } from './running-command.ts';

const env = { ANIMA_URL: inject('url') };
const space = randomUUID();
const inSpace = ['--space', space];
const contents = [
  'Ada drinks tea in the morning',
  'Ada takes her tea with milk',
  'Tea should steep for four minutes',
  'Finally Ada found out which tea she likes',
  'Ada has a tea garden',
  'The tea house closes at six',
];
let ids: readonly string[];

const json = async (...args: string[]) => {
  const { stdout, stderr } = await anima([...args, ...inSpace, '--json'], env);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

beforeAll(async () => {
  ids = [];
  for (const [index, content] of contents.entries()) {
    const more = index === 5 ? ['--catalyst'] : [];
    const { memory } = await json('add', content, ...more);
    ids = [...ids, memory.id];
  }
  for (let times = 0; times < 3; times += 1) await json('query', 'tea', '--conversation', 'monday', '--threshold', '1');
  // Associations are folded after the answer.
  const isFolded = async () => {
    const { pairs, meanStrength } = await json('network');
    return pairs === 15 && meanStrength > 0.06;
  };
  await vi.waitUntil(isFolded, { timeout: 60_000, interval: 500 });
});

test('what a memory was recalled with is shown as a list with bars', async () => {
  const { associations } = await json('associations', ids[0]!, '--limit', '3');
  expect(associations).toHaveLength(3);
  expect(associations[0]).toMatchObject({ count: 3, strength: Math.log10(4) / 10 });
  const { code, stdout } = await anima(['associations', ids[0]!, ...inSpace], env);
  expect(code).toBe(0);
  expect(stdout.match(/0\.060 ████████ {2}3 times, last just now/g)).toHaveLength(5);
  for (const content of contents.slice(1)) expect(stdout).toContain(content);
});

test('what lies around a memory is shown as a tree', async () => {
  const { stdout } = await anima(['associations', ids[0]!, '--depth', '2', '--per-node', '2', ...inSpace], env);
  const [root, ...lines] = stdout.split('\n');
  expect(root).toMatch(new RegExp(`^${contents[0]}  ${ids[0]}$`));
  expect(lines.filter((line) => /^[├└]─ 0\.060 ████████ \S/.test(line))).toHaveLength(2);
  expect(stdout).toContain('cut short');
  const { nodes, truncated } = await json('associations', ids[0]!, '--graph', '--depth', '1');
  expect([nodes.length, truncated]).toEqual([6, false]);
});

test('an option that would be ignored is not understood', async () => {
  const { code, stderr } = await anima(['associations', ids[0]!, '--depth', '1', '--limit', '3', ...inSpace], env);
  expect(code).toBe(2);
  expect(stderr).toContain('--limit');
});

test('hubs and the network are shown with their numbers', async () => {
  const hubs = await anima(['hubs', '--limit', '2', ...inSpace], env);
  expect(hubs.stdout.match(/5 ████████ {2}mean strength 0\.060/g)).toHaveLength(2);
  expect((await json('hubs', '--min-connections', '6')).hubs).toEqual([]);
  const none = await anima(['hubs', '--min-connections', '6', ...inSpace], env);
  expect(none.stdout).toBe('No memory has that many associations.\n');
  const network = await anima(['network', '--memory', ids[0]!, ...inSpace], env);
  expect(network.stdout).toMatch(
    /^6 memories are associated, in 15 pairs\n {2}strength: mean 0\.060, at most 0\.060\n/,
  );
  expect(network.stdout).toMatch(/0\.05–0\.10 █{24} 15\n/);
  expect(network.stdout).toContain(`${ids[0]} is associated with 5 of them`);
});

test('catalysts, and what could be one, with its reasons', async () => {
  const shown = await anima(['catalysts', ...inSpace], env);
  expect(shown.stdout).toContain(contents[5]);
  expect((await json('catalysts')).catalysts.map(({ id }: { id: string }) => id)).toEqual([ids[5]]);
  const potential = await anima(['catalysts', '--potential', ...inSpace], env);
  expect(potential.stdout).toMatch(
    /^ 1\. 3 accesses within 10 minutes, 5 associations, says "finally" .*\n {4}Finally Ada found out/,
  );
  expect(potential.stdout).toMatch(/accesses looked at since \d{4}-/);
  const later = await json('catalysts', '--since', '2999-01-01');
  expect(later).toMatchObject({ count: 5, accessesSince: null });
  const nothing = await anima(['catalysts', '--space', randomUUID()], env);
  expect(nothing.stdout).toBe('There are no catalysts.\n');
});

test('a query names what is associated with its results apart from them', async () => {
  const query = ['query', 'minutes', '--limit', '1', '--threshold', '1', '--no-record'];
  const { memories, associated } = await json(...query, '--expand', '2');
  expect(memories.map(({ id }: { id: string }) => id)).toEqual([ids[2]]);
  expect(associated).toHaveLength(2);
  expect(associated[0]).toMatchObject({ via: ids[2], count: 3 });
  const { stdout } = await anima([...query, '--expand', '2', ...inSpace], env);
  expect(stdout).toMatch(/steep for four minutes\n\nAssociated with these\n 1\. 0\.060 ████████ {2}3 times with /);
  expect(await json(...query)).not.toHaveProperty('associated');
});

test('a memory that is not there is NOT_FOUND', async () => {
  const nobody = randomUUID();
  const { code, stderr } = await anima(['associations', nobody, ...inSpace], env);
  expect(code).toBe(1);
  expect(stderr).toBe(`NOT_FOUND: memoryId: there is no memory ${nobody} in space "${space}"\n`);
});
