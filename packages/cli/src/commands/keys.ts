import type { ApiKey, CreateKeyRequest } from '@anima/client';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { withServer } from '../connection.ts';
import { age } from '../output/age.ts';
import { bad, dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, collect, type ServerOptions } from './server-options.ts';

interface KeysOptions extends ServerOptions {
  readonly onDatabase?: true;
}

interface CreateOptions extends KeysOptions {
  readonly role: CreateKeyRequest['role'];
  readonly space?: readonly string[];
  readonly expires?: number;
}

const dayMs = 24 * 3_600_000;

export function keysCommand(): Command {
  return new Command('keys')
    .description('Make, list and revoke the keys that open a server with ANIMA_AUTH=on.')
    .addHelpText(
      'after',
      `
Roles: read recalls and looks; write also remembers, changes and forgets; admin also erases, imports, configures.
A key of some spaces opens these alone, and nothing that all spaces share, such as keys and metrics.

Examples:
  anima keys create "my laptop" --role admin --on-database     the first key: straight into the database
  anima keys create "Ada's agent" --role write --space ada --expires 90
  anima keys revoke 3f9a0c1b2d4e`,
    )
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return addKeysOptions(new Command('create').description('Make a key. It is shown this once.'))
    .addArgument(new Argument('<name>', 'what it is for'))
    .addOption(new Option('--role <role>', 'what it may do').choices(['read', 'write', 'admin']).default('write'))
    .option('--space <name>', 'a space that it opens, several times for several; without, all', collect)
    .option('--expires <days>', 'from when on it opens nothing', readDays)
    .action(create);
}

function listCommand(): Command {
  return addKeysOptions(
    new Command('list').description('Show all keys: what they open, when they were last used.'),
  ).action(list);
}

function revokeCommand(): Command {
  return addKeysOptions(new Command('revoke').description('End a key, at once.'))
    .addArgument(new Argument('<id>', 'the 12 characters that follow anima_ in the key, as `list` shows them'))
    .action(revoke);
}

function addKeysOptions(command: Command): Command {
  return addServerOptions(command).option(
    '--on-database',
    'by a server of its own on the database itself (DATABASE_URL, or the data folder that no server holds)',
  );
}

async function create(name: string, { role, space, expires, ...options }: CreateOptions): Promise<void> {
  const expiresAt = expires === undefined ? undefined : new Date(Date.now() + expires * dayMs).toISOString();
  const wanted = { name, role, ...(space ? { spaces: [...space] } : {}), ...(expiresAt ? { expiresAt } : {}) };
  const made = await withServer(connectionTo(options), ({ client }) => client.keys.create.mutate(wanted));
  if (options.json) return printJson(made);
  // The key alone on stdout, so that a script can take it.
  process.stderr.write(`${render(made)}\nThe key, which nobody can show again:\n`);
  process.stdout.write(`${made.key}\n`);
}

async function list(options: KeysOptions): Promise<void> {
  const result = await withServer(connectionTo(options), ({ client }) => client.keys.list.query());
  if (options.json) return printJson(result);
  const lines = result.keys.map(render);
  process.stdout.write(`${lines.length === 0 ? dim('There are no keys.') : lines.join('\n')}\n`);
}

async function revoke(id: string, options: KeysOptions): Promise<void> {
  const keyId = id.replace(/^anima_/, '').slice(0, 12);
  const revoked = await withServer(connectionTo(options), ({ client }) => client.keys.revoke.mutate({ keyId }));
  if (options.json) return printJson(revoked);
  process.stdout.write(`${render(revoked)}\n`);
}

function connectionTo({ url, json, onDatabase }: KeysOptions) {
  return { url, isQuiet: json === true, onDatabase };
}

function render({ keyId, name, role, spaces, expiresAt, lastUsedAt, revokedAt }: ApiKey): string {
  const used = lastUsedAt === null ? 'never used' : `last used ${age(lastUsedAt)}`;
  const facts = [role, spaces === null ? 'all spaces' : spaces.join(', '), used];
  if (revokedAt !== null) facts.push(bad('revoked'));
  else if (expiresAt !== null)
    facts.push(`${Date.parse(expiresAt) <= Date.now() ? 'expired' : 'expires'} ${expiresAt}`);
  return `anima_${keyId}…  ${name}  ${dim(facts.join(' · '))}`;
}

function readDays(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is not a number of days.');
  return Number(text);
}
