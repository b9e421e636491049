import { createAnimaClient } from '@anima/client';
import type { BenchReport } from '@anima/core';

/** Where a server is when nobody said anything else. */
const defaultUrl = 'http://127.0.0.1:7100';
const probeTimeoutMs = 1_000;

/**
 * Tells a server of the run, for its console: the measured one where it was named, else the one that `ANIMA_URL`
 * names or that runs here by default. A server that the bench started for itself is gone by now.
 *
 * @returns what there is to say about it; undefined where there is no server to tell
 */
export async function recordRun(report: BenchReport, measured: string | undefined): Promise<string | undefined> {
  const named = measured ?? process.env.ANIMA_URL;
  if (named === undefined && !(await answers(defaultUrl))) return undefined;
  const url = named ?? defaultUrl;
  const apiKey = process.env.ANIMA_API_KEY;
  try {
    const { id } = await createAnimaClient(apiKey ? { url, apiKey } : { url }).bench.record.mutate({ report });
    return `Recorded at ${url} as ${id}`;
  } catch (error) {
    // The files are written; what was measured stays measured.
    return `Not recorded at ${url}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/health', url), { signal: AbortSignal.timeout(probeTimeoutMs) })).ok;
  } catch {
    return false;
  }
}
