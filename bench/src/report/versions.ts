import type { AnimaClient } from '@anima/client';
import type { BenchReport } from '@anima/core';

/** What a server is made of: its own version, its database, its model. */
export async function versionsOf(client: AnimaClient): Promise<BenchReport['versions']> {
  const [{ version }, findings, { embeddings }] = await Promise.all([
    client.meta.health.query(),
    client.meta.doctor.query(),
    client.meta.metrics.query(),
  ]);
  const said = (subject: string) => findings.find((finding) => finding.subject === subject)?.message ?? 'unknown';
  return {
    anima: version,
    // Where its folder was says nothing about a number.
    database: said('engine').replace(/ in .*/s, ''),
    extensions: said('extensions'),
    model: `${embeddings.provider} ${embeddings.model}, ${embeddings.dimensions} dimensions`,
  };
}
