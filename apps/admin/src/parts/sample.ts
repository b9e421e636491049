import type { NewMemory } from './memory-file.ts';

/** What an agent might remember of two weeks with a small team: enough to ask, to filter and to look around. */
export const sample: readonly NewMemory[] = [
  ...conversation('sample-kickoff', '2026-03-02T09:00:00Z', 'project', [
    ['Ada leads the billing rewrite; Grace owns the database, Linus the deployment.', 'team'],
    ['The billing rewrite must be live before the first of May, when the old provider is switched off.', 'deadline'],
    ['The team decided for PostgreSQL over a document store: invoices need transactions.', 'decision'],
    ['Grace wants every migration reviewed by two people since the outage in January.', 'process'],
    ['The old system stores amounts as floats; the new one keeps them as whole cents.', 'decision'],
    ['Stand-up is at 9:15, by text on Tuesdays and Thursdays.', 'process'],
  ]),
  ...conversation('sample-preferences', '2026-03-03T14:20:00Z', 'preference', [
    ['Ada prefers short answers with a code example first and the explanation after it.', 'style'],
    ['Ada drinks tea, never coffee, and takes her breaks at the window on the third floor.', 'person'],
    ['Grace reads patches on paper, so long diffs should come with a summary.', 'style'],
    ['Linus works from Helsinki and is two hours ahead of everybody else.', 'person'],
    ['Nobody wants notifications after six in the evening.', 'process'],
  ]),
  ...conversation('sample-incident', '2026-03-05T22:40:00Z', 'incident', [
    ['The nightly invoice run failed: a customer without a tax number broke the export.', 'billing'],
    ['Cause of the failed invoice run: the tax number was read as required since the import of February.', 'billing'],
    ['Fix: a missing tax number is exported as an empty field and listed in the report.', 'billing', 'fix'],
    ['The retry of a failed invoice run must never send an invoice twice; the run keeps its key.', 'billing', 'rule'],
    ['Alerts of the invoice run go to Grace first, then to Ada after ten minutes.', 'process'],
  ]),
  ...conversation('sample-design', '2026-03-09T10:05:00Z', 'design', [
    ['An invoice is never changed after it was sent; a correction is a new document that refers to it.', 'rule'],
    ['Prices are kept with the date from which they hold, so that an old invoice can be explained.', 'decision'],
    ['The API answers a repeated request with the first outcome, by its idempotency key.', 'rule'],
    ['Reports read from a replica; a report may be a minute old.', 'decision'],
    ['The exchange rate of an invoice is that of the day it was issued, taken from the central bank.', 'rule'],
    ['Linus measured the new export: 12,000 invoices in 40 seconds on the small machine.', 'measurement'],
  ]),
  ...conversation('sample-release', '2026-03-12T08:30:00Z', 'release', [
    ['The first release candidate runs beside the old system and is compared with it every night.', 'plan'],
    ['Three invoices differed in the first comparison, all by one cent of rounding.', 'measurement'],
    ['Rounding is now done once for each line, as the old system did it, and the comparison is clean.', 'fix'],
    ['The switch is planned for the twentieth of April, a Monday, with Linus on call.', 'plan'],
    ['If the switch fails, the old provider can be used again until the end of the month.', 'plan'],
  ]),
];

function conversation(
  conversationId: string,
  start: string,
  category: string,
  turns: readonly (readonly [content: string, ...tags: string[]])[],
): NewMemory[] {
  return turns.map(([content, ...tags], turn) => ({
    ...{ content, tags, category, conversationId, source: 'sample' },
    occurredAt: new Date(Date.parse(start) + turn * 60_000).toISOString(),
  }));
}
