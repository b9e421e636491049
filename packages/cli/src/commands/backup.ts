import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { verifyProjections } from '@anima/client/node/verify-projections';
import { Argument, Command } from 'commander';
import { z } from 'zod';
import { type Connection, withServer } from '../connection.ts';
import { CliError } from '../failure.ts';
import { good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { writeWhole } from '../output/write-whole.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const restored = z.object({ data: z.object({ tables: z.number(), rows: z.number() }) });

export function backupCommands(): readonly Command[] {
  const backup = addServerOptions(
    new Command('backup')
      .description('Write everything in the database to a file, as of one moment, while it is in use.')
      .addArgument(new Argument('<file>', 'compressed; whole if it has this name'))
      .addHelpText(
        'after',
        `
It holds all spaces, keys (their hashes) and vectors: keep it as you keep the database. On PostgreSQL, point-in-time
recovery loses less: see docs/operations.md.

Example:
  anima backup anima-$(date +%F).backup.gz`,
      ),
  ).action(write);
  const restore = new Command('restore-backup')
    .description('Make an empty database what a backup says, and replay its log to see that all is there.')
    .addArgument(new Argument('<file>', 'from `anima backup`'))
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      `
Works on the database itself (DATABASE_URL, or ANIMA_DATA_DIR), by a server of its own: stop the others first. All of the
file is restored or nothing.

Example:
  ANIMA_DATA_DIR=.anima-new anima restore-backup anima-2026-11-22.backup.gz`,
    )
    .action(read);
  return [backup, restore];
}

async function write(file: string, { url, json }: ServerOptions): Promise<void> {
  const bytes = await withServer({ url, isQuiet: json === true }, async (connection) => {
    const response = await send(connection, 'backup', {});
    let [received, end] = [0, ''];
    async function* counted() {
      for await (const piece of Readable.fromWeb(response.body as never)) {
        received += piece.length;
        end = (end + piece.toString('utf8')).slice(-500);
        yield piece;
      }
      if (!/\n\{"trailer":true[^\n]*\}\n$/.test(end))
        throw new CliError('UNAVAILABLE', 'the server broke off: no backup was made');
    }
    await writeWhole(file, Readable.from(counted()), createGzip());
    return received;
  });
  if (json) printJson({ file, bytes });
  else process.stdout.write(`${good('Wrote')} ${file} (${Math.ceil(bytes / 1_000_000)} MB before compression).\n`);
}

async function read(file: string, { json }: { readonly json?: true }): Promise<void> {
  const onDatabase = { isQuiet: json === true, onDatabase: true };
  const counts = await withServer(onDatabase, async (connection) => {
    const gunzip = createGunzip();
    const body = pipeline(createReadStream(file), gunzip).then(
      () => undefined,
      (error: Error) => error,
    );
    const response = await send(connection, 'restore', {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(gunzip) as never,
      duplex: 'half',
    }).catch(async (error: unknown) => {
      throw (await body) ?? error;
    });
    return restored.parse(await response.json()).data;
  });
  // A server that has seen the database from its start.
  const { differences } = await withServer(onDatabase, ({ client }) => verifyProjections(client));
  if (json) printJson({ ...counts, differences });
  else
    process.stdout.write(
      `${good('Restored')} ${counts.rows} rows of ${counts.tables} tables; ${differences} differences to the log.\n`,
    );
  if (differences > 0)
    throw new CliError('INTERNAL', 'the restored projections differ from a replay of the log: run `anima rebuild`');
}

async function send({ url }: Connection, what: string, init: RequestInit & { duplex?: 'half' }): Promise<Response> {
  const key = process.env.ANIMA_API_KEY;
  const headers = { ...(init.headers as Record<string, string>), ...(key ? { authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(new URL(`/api/v1/${what}`, url), { ...init, headers });
  if (response.ok) return response;
  const refused = refusal.safeParse(await response.json().catch(() => undefined));
  if (!refused.success) throw new CliError('BAD_RESPONSE', `${url} answered ${response.status}`);
  throw new CliError(refused.data.error.code, refused.data.error.message);
}
