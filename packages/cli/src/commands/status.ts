import type { AnimaClient } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { dim, good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

type Health = Awaited<ReturnType<AnimaClient['meta']['health']['query']>>;
type Metrics = Awaited<ReturnType<AnimaClient['meta']['metrics']['query']>>;

export function statusCommand(): Command {
  return addServerOptions(new Command('status').description('Show how the server is.'))
    .addHelpText(
      'after',
      `
Examples:
  anima status
  anima status --url http://127.0.0.1:7100 --json`,
    )
    .action(run);
}

async function run(options: ServerOptions): Promise<void> {
  const status = await withServer({ url: options.url, isQuiet: options.json === true }, async ({ client, url }) => {
    const [health, metrics] = await Promise.all([client.meta.health.query(), client.meta.metrics.query()]);
    return { url, health, metrics };
  });
  if (options.json) printJson(status);
  else process.stdout.write(`${render(status)}\n`);
}

function render({
  url,
  health,
  metrics,
}: {
  readonly url: string;
  readonly health: Health;
  readonly metrics: Metrics;
}) {
  const { cache, database, folds, embeddings, jobs, latency } = metrics;
  const lines: readonly (readonly [name: string, value: string])[] = [
    ['server', `${health.service} ${health.version} at ${url}: ${good(health.status)}`],
    [
      'database',
      `${database.status}, ${database.totalConnections} connections (${database.idleConnections} idle, ${database.waitingConnections} waiting)`,
    ],
    ['folds', folds.lagEvents === 0 ? 'up to date' : `${folds.lagEvents} events behind, ${Math.round(folds.lagMs)} ms`],
    [
      'embeddings',
      `${embeddings.provider} ${embeddings.model}, ${embeddings.dimensions} dimensions, ${embeddings.pending} pending`,
    ],
    ['cache', `${cache.size} of ${cache.maxSize} texts, ${Math.round(100 * cache.hitRate)} % hits (${cache.status})`],
    ['jobs', `${jobs.queued} queued, ${jobs.active} active, ${jobs.failed} failed`],
    ['add', renderLatency(latency.add)],
    ['query', renderLatency(latency.query)],
    ['bootstrap', renderLatency(latency.bootstrap)],
  ];
  return lines.map(([name, value]) => `${dim(name.padEnd(11))} ${value}`).join('\n');
}

function renderLatency({ count, p50, p95, p99 }: Metrics['latency']['add']): string {
  if (p50 === null || p95 === null || p99 === null) return 'not asked lately';
  return `${count} lately, p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
