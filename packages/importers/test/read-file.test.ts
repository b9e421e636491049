import { readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readFile } from '../src/index.ts';

const bytesOf = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const read = (name: string) => readFile(name, bytesOf(name));
const readText = (name: string, text: string) => readFile(name, strToU8(text));
const contents = ({ items }: ReturnType<typeof read>) => items.map(({ memory }) => memory.content);
const skipped = ({ skipped: why }: ReturnType<typeof read>) => Object.fromEntries(why);

describe('a note', () => {
  it('is a memory for each section, led by its titles, with tags and date of its front matter', () => {
    const { items, faults } = read('notes/Lisbon.md');
    expect(faults).toEqual([]);
    expect(items.map(({ place, memory }) => [place, memory.source])).toEqual([
      ['notes/Lisbon.md:9', 'notes/Lisbon.md#Lisbon'],
      ['notes/Lisbon.md:13', 'notes/Lisbon.md#Flat'],
      ['notes/Lisbon.md:25', 'notes/Lisbon.md#Tea'],
    ]);
    expect(items[0]?.memory).toEqual({
      ...{ content: 'Lisbon\n\nAda moved here in May for the job at the observatory.', category: 'note' },
      ...{ tags: ['travel', 'portugal'], source: 'notes/Lisbon.md#Lisbon', occurredAt: '2026-04-18T09:30:00.000Z' },
    });
    expect(items[1]?.memory.content).toMatch(/^Lisbon › Flat\n\n- third floor[\s\S]*# not a heading[\s\S]*4711\n```$/);
    expect(items[2]?.memory.content).toMatch(/^Lisbon › Places › Tea\n\nCompanhia/);
  });

  it('without front matter has the day of its name', () => {
    const { items } = read('notes/journal/2026-05-07.md');
    expect(items).toMatchObject([
      { memory: { content: expect.stringMatching(/^2026-05-07\n\nMet Ben/), occurredAt: '2026-05-07T00:00:00.000Z' } },
    ]);
  });

  it('that is empty is left out, and one with broken front matter is named', () => {
    expect(skipped(read('notes/empty.md'))).toEqual({ 'a note without text': 1 });
    const { items, faults } = readText('b.md', '---\ntags: [a\n---\ntext');
    expect(items).toEqual([]);
    expect(faults).toEqual([
      { place: 'b.md', reason: expect.stringMatching(/^its front matter is not YAML: .*line/s) },
    ]);
  });

  it('whose section is long becomes pieces that fit, cut between paragraphs, items and sentences', () => {
    const paragraph = (name: string) => `${name}: ${'It rained all day in the valley. '.repeat(12)}`.trim();
    const list = Array.from({ length: 60 }, (_, index) => `- item ${index} of the long list of things`).join('\n');
    const text = `# Long\n\n${['A', 'B', 'C'].map(paragraph).join('\n\n')}\n\n${list}\n\n${'unbroken'.repeat(400)}`;
    const pieces = contents(readText('Long.md', text));
    expect(pieces.every((piece) => piece.startsWith('Long\n\n') && piece.length <= 1_000 + 'Long\n\n'.length)).toBe(
      true,
    );
    expect(pieces[0]).toMatch(/^Long\n\nA: [\s\S]*valley\.\n\nB: [\s\S]*valley\.$/);
    for (let index = 0; index < 60; index += 1) {
      expect(pieces.filter((piece) => piece.includes(`- item ${index} of the long list of things`))).toHaveLength(1);
    }
    const all = pieces.map((piece) => piece.slice('Long\n\n'.length)).join('');
    expect(all.replaceAll(/\s/g, '')).toBe(text.slice('# Long'.length).replaceAll(/\s/g, ''));
  });
});

describe('an export of ChatGPT', () => {
  const chat = '69055b40-1111-8333-9222-0123456789ab';

  it('is what was said on the branch that the person sees, with who, where and when', () => {
    const reading = read('chatgpt/conversations.json');
    expect(contents(reading)).toEqual([
      'My kitchen is at 17 °C. How long should the dough rise?',
      'At 17 °C give it ten to twelve hours, until it has grown by three quarters.',
    ]);
    expect(reading.items[0]).toEqual({
      place: 'chatgpt/conversations.json: conversation 1 (Sourdough in a cold kitchen)',
      memory: {
        ...{ content: expect.any(String), category: 'conversation', tags: ['user', 'Sourdough in a cold kitchen'] },
        source: `chatgpt:${chat}#5d0c0002-0000-4000-8000-000000000002`,
        ...{ conversationId: `chatgpt:${chat}`, occurredAt: '2025-11-01T08:00:01.500Z' },
      },
    });
    expect(skipped(reading)).toEqual({
      'a message on a branch that was left': 1,
      'a message of the system or of a tool': 1,
      'a thought, a call of a tool or its result': 1,
      'an image or a file': 1,
      'a message of fewer than 12 characters': 1,
    });
  });

  it('is read from the archive as it came', () => {
    const files = { 'conversations.json': bytesOf('chatgpt/conversations.json'), 'chat.html': strToU8('<html>') };
    const { items } = readFile('export.zip', zipSync({ ...files, 'user.json': strToU8('{"id":"user-1"}') }));
    expect(items.map(({ memory }) => memory)).toEqual(
      read('chatgpt/conversations.json').items.map((one) => one.memory),
    );
  });

  it('with a conversation that is not whole is read but for that one, which is named', () => {
    const [whole] = JSON.parse(bytesOf('chatgpt/conversations.json').toString());
    const broken = { title: 'Broken', current_node: 'b', mapping: { b: { parent: 'a', message: null } } };
    const wrong = { title: 'Wrong', mapping: { a: { message: { author: {}, content: { content_type: 'text' } } } } };
    const { items, faults } = readText('c.json', JSON.stringify([broken, wrong, whole]));
    expect(items).toHaveLength(2);
    expect(faults).toEqual([
      { place: 'c.json: conversation 1 (Broken)', reason: expect.stringMatching(/^mapping\.a: there is no such/) },
      { place: 'c.json: conversation 2', reason: expect.stringMatching(/^mapping\.a\.message\.author\.role: /) },
    ]);
  });
});

describe('an export of Claude', () => {
  it('is what was said on the branch that the person sees, and what Claude had noted', () => {
    const reading = read('claude/conversations.json');
    expect(reading.items.map(({ memory }) => [memory.tags[0], memory.content, memory.source])).toEqual([
      [
        ...['user', 'I have 400 euros for a first telescope and a balcony that faces south.'],
        'claude:7a1b0c2d-aaaa-4bbb-8ccc-0123456789ab#019e0001-0000-7000-8000-000000000001',
      ],
      [
        ...['assistant', 'A 130 mm reflector on a table mount fits a balcony: steady, and bright enough for nebulae.'],
        'claude:7a1b0c2d-aaaa-4bbb-8ccc-0123456789ab#019e0003-0000-7000-8000-000000000003',
      ],
    ]);
    expect(skipped(reading)).toEqual({
      'a message on a branch that was left': 1,
      'a thought, a call of a tool or its result': 3,
      'an image or a file': 1,
    });
    expect(contents(read('claude/memories.json'))).toEqual([
      '**Personal context**\n\nAda lives in Lisbon and works nights at the observatory.',
      'The user is building a star atlas for children.',
    ]);
    expect(skipped(read('claude/users.json'))).toEqual({ 'a file that is no note, export or transcript': 1 });
  });
});

describe('a transcript', () => {
  it('of Claude Code is what was asked and what was answered in the end', () => {
    const reading = read('claude-code/0f9d2c6e-1234-4abc-9def-00112233aabb.jsonl');
    expect(reading.faults).toEqual([]);
    expect(reading.items.map(({ memory: { tags, content } }) => [tags, content])).toEqual([
      [['user', 'star-atlas'], 'The nightly job starts two minutes late. Why?'],
      [
        ['assistant', 'star-atlas'],
        'The job polls every two minutes (`cron.ts`), so it can start up to two minutes late.',
      ],
    ]);
    expect(reading.items[0]).toMatchObject({
      place: expect.stringMatching(/aabb\.jsonl:5$/),
      memory: {
        conversationId: 'claude-code:0f9d2c6e-1234-4abc-9def-00112233aabb',
        occurredAt: '2026-07-02T08:00:05.000Z',
      },
    });
    expect(skipped(reading)).toEqual({
      'a record that is no message': 2,
      'a message of the program': 2,
      'a thought, a call of a tool or its result': 3,
      'what an agent said between two tools': 1,
      'a message between an agent and its helper': 1,
    });
  });

  it('of Codex, of either shape, is that too', () => {
    const name = 'codex/rollout-2026-07-03T09-00-00-019f0000-1111-7222-8333-444455556666.jsonl';
    const said = [
      'Which projection do the maps of the atlas use?',
      'Stereographic, centred on the zenith of Lisbon.',
    ] as const;
    const reading = read(name);
    expect(contents(reading)).toEqual(said);
    expect(reading.items[1]?.memory).toMatchObject({
      tags: ['assistant', 'star-atlas'],
      conversationId: 'codex:019f0000-1111-7222-8333-444455556666',
      occurredAt: '2026-07-03T09:00:09.000Z',
    });
    const older = bytesOf(name)
      .toString()
      .split('\n')
      .filter((line) => line.includes('session_meta') || line.includes('response_item'))
      .map((line) => JSON.stringify(JSON.parse(line).payload));
    const old = readText('rollout.jsonl', [...older, '{"record_type":"state"}'].join('\n'));
    expect(contents(old)).toEqual(said);
    expect(old.items[1]?.memory.occurredAt).toBe('2026-07-03T09:00:00.000Z');
  });

  it('that is still being written is read up to the line that is torn, which is named', () => {
    const text = bytesOf('claude-code/0f9d2c6e-1234-4abc-9def-00112233aabb.jsonl').toString();
    const { items, faults } = readText('live.jsonl', text.slice(0, -300));
    expect(items).toHaveLength(2);
    expect(faults).toEqual([{ place: 'live.jsonl:11', reason: expect.stringMatching(/^not JSON: /) }]);
  });
});

it('a file that cannot be read is named with the place', () => {
  expect(readText('conversations.json', '[{"mapping": {},}]').faults).toEqual([
    { place: 'conversations.json', reason: expect.stringMatching(/^not JSON: .*line 1 column 17/) },
  ]);
  expect(readFile('a.md', Buffer.from([0xff, 0xfe, 0x00])).faults).toEqual([
    { place: 'a.md', reason: 'the file is not UTF-8' },
  ]);
  expect(readText('a.zip', 'no archive').faults).toMatchObject([{ place: 'a.zip' }]);
  expect(readFile('a.txt', strToU8('Some text of a note.'), 'claude').faults).toMatchObject([{ place: 'a.txt' }]);
});
