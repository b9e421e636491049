import { type Command, InvalidArgumentError, Option } from 'commander';

/** What every command that talks to a server takes. */
export interface ServerOptions {
  readonly url?: string;
  readonly json?: true;
}

export interface SpaceOptions extends ServerOptions {
  readonly space: string;
}

export function addServerOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the server to talk to').env('ANIMA_URL').argParser(readUrl))
    .option('--json', 'print one JSON document and nothing else');
}

export function addSpaceOptions(command: Command): Command {
  return addServerOptions(command.option('--space <name>', 'the space to work in; made on first use', 'default'));
}

/** Reads a number; whether it is within bounds is the server's to say. */
export function readNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}

/** A date alone means its first moment, UTC; what is no time at all the server will say. */
export function readTime(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** A place in the past: digits are a position in the log, all else is a time. */
export function readMoment(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : readTime(text);
}

export function readUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('It is not an http(s) URL.');
  }
  return text;
}
