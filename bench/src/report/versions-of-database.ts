import type { Measured } from '@anima/store/measured';
import packageJson from '../../package.json' with { type: 'json' };

/** Of everything that took part in a run on a database that is open here. */
export async function versionsOfDatabase({ run, kind }: Measured, model: string): Promise<Record<string, string>> {
  const [row] = await run<{ server: string; vector: string }>(
    `select current_setting('server_version') as server, (select extversion from pg_extension where extname = 'vector') as vector`,
  );
  return {
    ...{ anima: packageJson.version, model },
    [kind === 'postgres' ? 'postgresql' : 'pglite']: row?.server ?? 'unknown',
    pgvector: row?.vector ?? 'unknown',
  };
}
