import { describe, inject } from 'vitest';
import { chromiumPath } from './browser.ts';
import { journey } from './journey.ts';
import { settled } from './stage.ts';

describe.skipIf(!chromiumPath).concurrent('a person at the console', () => {
  journey(
    'sees on the overview how the server does, and what happens without reloading',
    async ({ visit, add, client, space, expect }) => {
      await add(['Ada drinks tea', 'Grace drinks coffee']);
      const page = await visit(`/?space=${space}`);
      await page.getByRole('heading', { name: /All is well|Needs a look/ }).waitFor();
      await page.getByRole('img', { name: /^Query: p95 .* at most 300 ms wanted/ }).waitFor();
      const tiers = page.getByRole('region', { name: 'Tiers' });
      await tiers.getByText('2 live').waitFor();
      await page.getByText('Nothing yet').waitFor();

      await add(['Linus drinks water']);
      for (let times = 0; times < 5; times += 1) {
        await client.memories.query.mutate({ query: 'tea', limit: 1, space });
      }
      await tiers.getByText('3 live').waitFor();
      const feed = page.getByRole('region', { name: 'Promotions and merges' });
      await feed.getByText('Ada drinks tea').waitFor();
      expect(await feed.getByText('thread').count()).toBe(1);
    },
  );

  journey('begins with a sample where nothing is remembered yet', async ({ visit, space }) => {
    const page = await visit(`/memories?space=${space}`);
    await page.getByRole('button', { name: 'Try a sample' }).click();
    await page.getByRole('link', { name: /Ada drinks tea, never coffee/ }).waitFor();
  });

  journey('imports a file, and hears which line is no memory', async ({ visit, space }) => {
    const page = await visit(`/memories?space=${space}`);
    const choose = async (buffer: string, name = 'mine.jsonl') => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Import a file' }).click();
      await (await chooser).setFiles({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(buffer),
      });
    };
    await choose('{"content":"first of the file"}\n{"text":"none"}\n');
    await page.getByText('line 2 has no content').waitFor();
    await choose('---\ntags: [a\n---\ntext', 'broken.md');
    await page.getByText('broken.md: its front matter is not YAML').waitFor();
    await choose('{"content":"first of the file","tags":["mine"]}\n\n{"content":"second of the file"}\n');
    await page.getByRole('link', { name: 'second of the file' }).waitFor();
  });

  journey('finds memories by words and tier, and comes back by the back button', async ({ visit, client }) => {
    const page = await visit('/memories?space=talks');
    const rows = page.getByRole('table').getByRole('link');
    await rows.first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no-such-word-anywhere');
    await page.getByText('No memory meets these conditions').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await rows.first().waitFor();
    await page.getByRole('combobox', { name: 'Tier' }).click();
    await page.getByRole('option', { name: 'thread' }).click();
    await page.waitForURL(/tiers=thread/);
    await page.keyboard.press('Escape');
    const { memories } = await client.memories.list.query({ space: 'talks', tiers: ['thread'], limit: 1 });
    await page.getByRole('link', { name: memories[0]!.content }).first().waitFor();
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('tiers'));
  });

  journey(
    'scrolls through more than a page, of which only some rows are drawn',
    async ({ visit, add, space, expect }) => {
      const contents = Array.from({ length: 230 }, (_, n) => `row number ${n} of many`);
      for (let from = 0; from < 230; from += 100) await add(contents.slice(from, from + 100));
      const page = await visit(`/memories?space=${space}&ascending=yes`);
      await page.getByRole('link', { name: 'row number 0 of many' }).waitFor();
      const list = page.getByRole('region', { name: 'List of memories' });
      await expect
        .poll(
          async () => {
            await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
            return page.getByRole('link', { name: 'row number 229 of many' }).count();
          },
          { timeout: 20_000 },
        )
        .toBe(1);
      expect(await page.getByRole('row').count()).toBeLessThan(80);
    },
  );

  journey(
    'tags and forgets several at once, is asked first, and takes it back',
    async ({ visit, add, client, space, expect }) => {
      const [first, second, gone] = await add(['first to go', 'second to go', 'gone by then', 'to stay']);
      const page = await visit(`/memories?space=${space}`);
      const tagsOf = async (id: string) => (await client.memories.get.query({ memoryId: id, space })).tags;
      const choose = async () => {
        await page.getByRole('checkbox', { name: 'Select: first to go' }).check();
        await page.getByRole('checkbox', { name: 'Select: second to go' }).check();
        await page.getByText('2 selected').waitFor();
      };
      const tag = async (word: string) => {
        await page.getByRole('button', { name: 'Tag', exact: true }).click();
        await page.getByRole('dialog').getByRole('combobox', { name: 'Tags' }).fill(word);
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Next' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Tag' }).click();
      };
      await choose();
      await tag('leaving');
      await page.getByText('Tagged 2 memories').waitFor();
      expect([await tagsOf(first!), await tagsOf(second!)]).toEqual([['leaving'], ['leaving']]);

      // One of them is gone by the time it is tagged: what was done is said, and taken back.
      await client.memories.erase.mutate({ memoryIds: [gone!], space });
      await page.getByRole('checkbox', { name: 'Select: gone by then' }).check();
      await page.getByRole('checkbox', { name: 'Select: first to go' }).check();
      await tag('late');
      const partly = page.getByRole('alert').filter({ hasText: 'Tagged 1 of 2 memories' });
      await partly.getByText('Not all of it worked').waitFor();
      expect(await tagsOf(first!)).toEqual(['leaving', 'late']);
      await partly.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => tagsOf(first!), { timeout: 20_000 }).toEqual(['leaving']);

      await choose();
      await page.getByRole('button', { name: 'Forget', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
      const done = page.getByRole('alert').filter({ hasText: 'Forgot 2 memories' });
      await done.waitFor();
      await expect.poll(() => page.getByRole('link', { name: 'first to go' }).count()).toBe(0);
      await done.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('link', { name: 'first to go' }).waitFor();
      expect((await client.memories.get.query({ memoryId: second!, space })).visibility).toBe('live');
    },
  );

  journey(
    'reads a memory: its story, what is tied to it, and what it said before an edit',
    async ({ visit, add, client, space }) => {
      const { memories } = await client.memories.list.query({ space: 'talks', order: 'resonance', limit: 1 });
      const page = await visit(`/memory?space=talks&id=${memories[0]!.id}`);
      await page.getByText(memories[0]!.content, { exact: true }).first().waitFor();
      await page
        .getByRole('region', { name: 'Story' })
        .getByText(/recalled with/)
        .first()
        .waitFor();
      await page.getByRole('img', { name: /^φ [\d.]+ and tier \w+ after \d+ events/ }).waitFor();
      await page
        .getByRole('img', { name: /^Graph of \d+ memories/ })
        .locator('canvas')
        .waitFor();

      const [id] = await add(['as it was']);
      await page.goto(`/memory?space=${space}&id=${id}`);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('textbox', { name: 'New content' }).fill('as it is');
      await page.getByRole('button', { name: 'Save as version 2' }).click();
      await page.getByText('as it is', { exact: true }).waitFor();
      await page.getByRole('combobox', { name: 'Version' }).click();
      await page.getByRole('option', { name: /version 1/ }).click();
      await page.getByText('as it was', { exact: true }).waitFor();
    },
  );

  journey('un-merges a variant in one click', async ({ visit, add, client, space, expect }) => {
    await client.spaces.configure.mutate({ space, settings: { consolidation: false } });
    const [first] = await add([
      'The meeting with Ada is on Monday at nine in the morning.',
      'the meeting with Ada is on Monday at nine in the morning!',
    ]);
    await settled(client);
    for await (const _ of await client.spaces.consolidate.mutate({ space, threshold: 0.8 }));
    expect((await client.memories.get.query({ memoryId: first!, space })).variants).toHaveLength(1);
    const page = await visit(`/memory?space=${space}&id=${first}`);
    const variants = page.getByRole('region', { name: /Variants/ });
    await variants.getByText('nine in the morning!').waitFor();
    await variants.getByRole('button', { name: 'Un-merge' }).click();
    await page.getByText('A memory of its own again').waitFor();
    expect((await client.memories.get.query({ memoryId: first!, space })).variants).toEqual([]);
  });

  journey('asks as an agent would, compares both rankings, and leaves no trace', async ({ visit, client, expect }) => {
    const question = inject('question');
    const before = (await client.memories.list.query({ space: 'talks', order: 'accessed', limit: 1 })).memories[0]!;
    const page = await visit('/recall?space=talks');
    await page.getByRole('textbox', { name: 'Question' }).fill(question);
    await page.keyboard.press('Enter');
    for (const name of ['Hybrid', 'Structural']) {
      const ranking = page.getByRole('region', { name });
      await ranking.getByRole('listitem').first().waitFor();
      const bar = await ranking
        .getByRole('img', { name: /^Score/ })
        .first()
        .getAttribute('aria-label');
      const [score, ...terms] = [...bar!.matchAll(/\d\.\d{3}/g)].map(([number]) => Number(number));
      expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(score!, 2);
    }
    await page.getByText('hybrid', { exact: true }).click();
    await page.waitForURL(/ranking=hybrid/);
    await expect.poll(() => page.getByRole('region', { name: 'Structural' }).count()).toBe(0);
    await page.getByRole('button', { name: 'TypeScript' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`"query": ${JSON.stringify(question)}`);
    expect(copied).toContain('"ranking": "hybrid"');
    await page.getByRole('button', { name: 'MCP call' }).click();
    const answer = await fetch(`${inject('serverUrl')}/mcp?space=nobody`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: await page.evaluate(() => navigator.clipboard.readText()),
    });
    expect({ status: answer.status, text: await answer.text() }).toMatchObject({
      status: 200,
      text: expect.stringContaining('"result"'),
    });
    const after = (await client.memories.list.query({ space: 'talks', order: 'accessed', limit: 1 })).memories[0]!;
    expect(after).toEqual(before);
  });

  journey(
    'goes anywhere by the palette: to a screen, and to a memory by what it says',
    async ({ visit, add, space }) => {
      await add(['The lighthouse keeper collects barometers']);
      const page = await visit(`/?space=${space}`);
      await page.getByRole('heading', { name: /All is well|Needs a look/ }).waitFor();
      await page.keyboard.press('Control+K');
      const field = page.getByPlaceholder('A screen, a memory, a space …');
      await field.fill('lighthouse');
      await page.getByRole('button', { name: /lighthouse keeper/i }).click();
      await page.waitForURL(/\/memory\?/);
      await page.getByText('The lighthouse keeper collects barometers').first().waitFor();
      // It forgets its words when it has closed.
      await field.waitFor({ state: 'hidden' });
      await page.keyboard.press('Control+K');
      await field.fill('recall');
      await page.getByRole('button', { name: 'Recall' }).first().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/recall\?space=/);
    },
  );
});
