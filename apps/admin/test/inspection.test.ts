import { randomUUID } from 'node:crypto';
import type { BenchReport } from '@anima/client';
import { describe, inject } from 'vitest';
import { chromiumPath } from './browser.ts';
import { journey } from './journey.ts';
import { become } from './model.ts';
import { gateReport, reportOf } from './reports.ts';
import { settled } from './stage.ts';

describe.skipIf(!chromiumPath).concurrent('an engineer at the console', () => {
  journey(
    'sees what belongs together, leaves out what is weak, and goes to a hub',
    async ({ visit, add, client, space, expect }) => {
      await add(['green tea in the morning', 'black tea in the evening', 'coffee at noon']);
      const recall = (query: string, limit: number) =>
        client.memories.query.mutate({ query, limit, similarityThreshold: 0, conversationId: 'breakfast', space });
      for (let times = 0; times < 3; times += 1) await recall('tea', 2);
      await recall('tea and coffee', 3);
      await settled(client);
      const page = await visit(`/associations?space=${space}`);
      const numbers = page.getByRole('region', { name: 'Network' }).getByRole('status');
      const all = await client.associations.network.query({ space, maxNodes: 300 });
      await numbers.getByText(`${all.nodes.length} memories, ${all.edges.length} associations`).waitFor();
      await page.locator('canvas').first().waitFor();
      await page.getByRole('combobox', { name: 'Recalled together' }).click();
      await page.getByRole('option', { name: 'at least 3 times' }).click();
      await page.waitForURL(/often=3/);
      const strong = await client.associations.network.query({
        ...{ space, maxNodes: 300, minStrength: Math.log10(4) / 10 },
      });
      expect(strong.edges.length).toBeLessThan(all.edges.length);
      await numbers.getByText(`${strong.nodes.length} memories, ${strong.edges.length} associations`).waitFor();
      await page.goBack();
      await numbers.getByText(`${all.edges.length} associations`).waitFor();
      await page.getByRole('region', { name: 'Hubs' }).getByRole('link').first().click();
      await page.waitForURL(/\/memory\?/);
    },
  );

  journey(
    'tries a threshold, sees a merge come by itself with both texts, and undoes it in one click',
    async ({ visit, add, client, space, expect }) => {
      await client.spaces.configure.mutate({ space, settings: { consolidation: false } });
      const [kept] = await add(['The invoice run begins at nine', 'the invoice run begins at nine!', 'Ada drinks tea']);
      await settled(client);
      const page = await visit(`/consolidation?space=${space}`);
      await page.getByText('Nothing was merged yet').waitFor();
      await page.getByRole('textbox', { name: 'Cosine from which two may be the same' }).fill('0.8');
      await page.getByRole('button', { name: 'See what it would merge' }).click();
      await page.getByText('3 memories looked at: 1 would be merged, 0 are near and left alone').waitFor();
      await page.getByText('would be merged', { exact: true }).waitFor();
      expect((await client.memories.merges.query({ space })).merges, 'a dry run merges nothing').toEqual([]);

      await page.getByRole('button', { name: 'Merge them' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
      const merged = page.getByRole('region', { name: 'Merged' });
      await merged.getByRole('link', { name: 'The invoice run begins at nine', exact: true }).waitFor();
      await merged.getByRole('link', { name: 'the invoice run begins at nine!' }).waitFor();
      expect((await client.memories.get.query({ memoryId: kept!, space })).variants).toHaveLength(1);
      await merged.getByRole('button', { name: 'Un-merge' }).click();
      await merged.getByText('apart again').waitFor();
      expect((await client.memories.get.query({ memoryId: kept!, space })).variants).toEqual([]);
    },
  );

  journey(
    'follows the log as it grows, narrows it, and reads what an event changed',
    async ({ visit, add, client, space, expect }) => {
      const [tea] = await add(['Ada drinks tea']);
      const page = await visit(`/events?space=${space}`);
      const log = page.getByRole('region', { name: 'Log' });
      await log.getByText('Ada drinks tea').waitFor();
      expect(await log.getByRole('listitem').count()).toBe(1);

      await client.memories.query.mutate({ query: 'tea', conversationId: 'at noon', space });
      await log.getByText('at noon').waitFor();
      await client.memories.setTier.mutate({ memoryIds: [tea!], tier: 'stable', space });
      await log.getByText('set to stable').waitFor();

      await log.getByText('set to stable').click();
      const drawer = page.getByRole('dialog');
      await drawer.getByText('tier active → stable').waitFor();
      await drawer.getByText('"tier": "stable"').waitFor();
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'hidden' });

      await page.getByRole('textbox', { name: 'Conversation' }).fill('at noon');
      await page.waitForURL(/conversation=/);
      await expect.poll(() => log.getByRole('listitem').count(), { timeout: 20_000 }).toBe(1);
      // What comes is narrowed as well.
      await client.memories.forget.mutate({ memoryIds: [tea!], space });
      await client.memories.restore.mutate({ memoryIds: [tea!], space });
      await client.memories.query.mutate({ query: 'tea', conversationId: 'at noon', space });
      await expect.poll(() => log.getByRole('listitem').count(), { timeout: 20_000 }).toBe(2);
      await page.getByRole('button', { name: 'Clear' }).click();
      await log.getByText('forgotten').first().waitFor();
    },
  );

  journey(
    'sees how far the projections are, verifies them, and has them rebuilt with its progress',
    async ({ visit }) => {
      const page = await visit('/events?space=talks');
      const made = page.getByRole('region', { name: 'Made of the log' });
      await made.getByText('states of memories').waitFor();
      await made.getByRole('button', { name: 'Verify' }).click();
      await made.getByText(/^States of memories: .* equal to what is there$/).waitFor();
      await made.getByText(/^Associations: .* equal to what is there$/).waitFor();

      await made.getByRole('button', { name: 'Rebuild …' }).click();
      const progress = Promise.all([
        made.getByRole('progressbar', { name: 'Events replayed' }).waitFor({ state: 'attached' }),
        made.getByText(/: [\d,]+ of [\d,]+ events$/).waitFor(),
      ]);
      await page.getByRole('dialog').getByRole('button', { name: 'Rebuild' }).click();
      await progress;
      await made.getByText(/^States of memories: [\d,]+ events give [\d,]+ rows/).waitFor();
      await made.getByText(/^Associations: [\d,]+ events give [\d,]+ rows/).waitFor();
      await made.getByRole('progressbar').waitFor({ state: 'detached' });
    },
  );

  journey('sees jobs come and go, of one queue and of all', async ({ visit, add }) => {
    const page = await visit('/jobs');
    await page.getByRole('button', { name: 'anima-embed' }).click();
    await page.waitForURL(/queue=anima-embed/);
    const jobs = page.getByRole('region', { name: 'Jobs of anima-embed' });
    await add(['something to embed']);
    await jobs.getByText('completed').first().waitFor();
    await jobs.getByRole('row').nth(1).getByText('anima-embed').waitFor();
    await page.getByText('failed', { exact: true }).click();
    await page.getByText('Nothing failed lately').waitFor();
  });

  journey(
    'gives a space another model, sees it move, and has the job that failed done anew',
    async ({ visit, add, space }) => {
      const model = inject('modelUrl');
      await add(Array.from({ length: 5 }, (_, n) => `memory ${n} of a space that changes its model`));
      const page = await visit(`/settings?space=${space}`);
      const region = page.getByRole('region', { name: `Model of “${space}”` });
      await region.getByText('builtin/').waitFor();
      await region.getByRole('combobox', { name: 'Another provider' }).click();
      await page.getByRole('option', { name: 'ollama' }).click();
      await become(model, 'waits');
      await region.getByRole('button', { name: 'Change the model' }).click();
      await region.getByText('to ollama/nomic-embed-text: 0 of 5 memories').waitFor();
      await region.getByRole('progressbar', { name: 'Memories with a new vector' }).waitFor({ state: 'attached' });

      await become(model, 'refuses');
      await region.getByText(/answered HTTP 401: it needs credentials/).waitFor();
      const jobs = await visit('/jobs?queue=anima-reembed&state=failed');
      const failed = jobs.getByRole('row', { name: /failed anima-reembed .*answered HTTP 401/ }).first();
      await failed.waitFor();
      await become(model, 'answers');
      await failed.getByRole('button', { name: 'Retry' }).click();
      await jobs.getByText('It is done anew').waitFor();
      await region.getByText('ollama/nomic-embed-text, 768 dimensions').waitFor();
    },
  );

  journey(
    'makes a space, decides its policy, takes that back, and sees what the server runs with',
    async ({ visit, client, space, expect }) => {
      const page = await visit('/settings?space=talks');
      await page.getByRole('textbox', { name: 'Find, or name a new one' }).fill(space);
      await page.getByRole('button', { name: 'Create' }).click();
      await page.waitForURL((url) => url.searchParams.get('space') === space);
      const policy = page.getByRole('region', { name: `Policy of “${space}”` });
      await policy.getByRole('combobox', { name: 'Ranking' }).click();
      await page.getByRole('option', { name: 'structural' }).click();
      await policy.getByRole('textbox', { name: 'Receipts, days' }).fill('7');
      await policy.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Changed ranking, receipts, days').waitFor();
      const settings = async () => (await client.spaces.describe.query({ space })).settings;
      expect(await settings()).toEqual({ ranking: 'structural', receiptRetentionDays: 7 });
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(settings, { timeout: 20_000 }).toEqual({});

      const configuration = page.getByRole('region', { name: 'Configuration in force' });
      const port = configuration.getByRole('row', { name: 'PORT', exact: false }).first();
      await port.getByText('environment').waitFor();
      await configuration.getByRole('row', { name: /^RANKING hybrid default$/ }).waitFor();
      const health = page.getByRole('region', { name: 'Engine and health' });
      await health.getByText(/^PGlite/).waitFor();
      await health.getByText('all migrations are applied, all indexes are valid').waitFor();
    },
  );

  journey(
    'looks at a run of the bench, compares it with the one before, and sees it come',
    async ({ visit, client }) => {
      const bench = `journey-${randomUUID().slice(0, 8)}`;
      const record = (report: BenchReport) => client.bench.record.mutate({ report });
      await record(gateReport(0));
      await record(reportOf(bench, 1, 200, 'the first run'));
      const page = await visit(`/benchmarks?bench=${bench}`);
      await page.getByText('ten thousand').waitFor();
      await page.getByRole('cell', { name: '≤ 300 ms' }).waitFor();

      const gate = page.getByRole('region', { name: 'Regression gate' });
      await gate.getByText('Something became slower').waitFor();
      await gate.getByRole('row', { name: /^query .*slower$/ }).waitFor();
      for (const chart of ['Growth: query, add; ms by memories', 'Latencies: query; ms by share of the answers']) {
        await page.getByRole('img', { name: chart }).locator('canvas').waitFor();
      }
      await page.getByRole('progressbar', { name: 'everything: query, before: 2,000 ms' }).waitFor();

      await record(reportOf(bench, 2, 100, 'the second run'));
      await page.getByRole('button', { name: `${bench}: the second run` }).waitFor();
      await page.getByRole('button', { name: 'compare' }).click();
      const compared = page.getByRole('region', { name: 'Compared' });
      await compared.getByText('50 % better').waitFor();
      await page.getByRole('img', { name: /^query p95 over 2 runs: 100 ms at last, at most 300 ms wanted$/ }).waitFor();
      await page.goBack();
      await compared.waitFor({ state: 'hidden' });
    },
  );
});
