import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AnimaClient } from '@anima/client';
import { noProgress, startProgress } from '@anima/client/node/progress';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { CliError } from '../failure.ts';
import { good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { writeWhole } from '../output/write-whole.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

interface ExportOptions extends ServerOptions {
  readonly output?: string;
}

export function exportCommand(): Command {
  return addServerOptions(
    new Command('export')
      .description('Write a whole space as one file of JSON lines: memories, versions, and all that happened to them.')
      .argument('[space]', 'the space to export', 'default')
      .option('--output <file>', 'write there instead of to stdout'),
  )
    .addHelpText(
      'after',
      `
The file is the space as of one moment, and ends with a digest of itself. "anima import" makes it a space
again, here or on another server. Vectors are not in it: the other server's model makes its own.
It holds everything that was said, and the versions before: keep it as you keep the database.

Examples:
  anima export ada --output ada.jsonl
  anima export ada | gzip > ada.jsonl.gz`,
    )
    .action(run);
}

async function run(space: string, { url, json, output }: ExportOptions): Promise<void> {
  if (json && output === undefined)
    throw new CliError('VALIDATION_ERROR', '--json needs --output: the file would be in its way');
  const isQuiet = json === true;
  const exported = await withServer({ url, isQuiet }, async ({ client }) => {
    const file = new ExportedFile(client, space, isQuiet);
    if (output === undefined) await pipeline(Readable.from(file.text()), process.stdout, { end: false });
    else await writeWhole(output, Readable.from(file.text()));
    return { space, lines: file.lines, bytes: file.bytes };
  });
  if (json) printJson({ ...exported, file: output });
  else if (output !== undefined)
    process.stdout.write(`${good(`Exported "${space}"`)} to ${output}: ${exported.lines} lines.\n`);
}

/** What a server exports, as it arrives. */
class ExportedFile {
  lines = 0;
  bytes = 0;
  readonly #client: AnimaClient;
  readonly #space: string;
  readonly #isQuiet: boolean;

  constructor(client: AnimaClient, space: string, isQuiet: boolean) {
    this.#client = client;
    this.#space = space;
    this.#isQuiet = isQuiet;
  }

  /** @throws CliError when it ends before its trailer */
  async *text(): AsyncGenerator<string> {
    let bar = noProgress;
    let last = '';
    try {
      for await (const { lines, bytes, totalBytes } of await this.#client.spaces.export.query({ space: this.#space })) {
        if (bar === noProgress && !this.#isQuiet) bar = startProgress('Exporting', totalBytes);
        this.lines += lines.length;
        this.bytes = bytes;
        last = lines.at(-1) ?? last;
        yield `${lines.join('\n')}\n`;
        bar.update(bytes, `${this.lines} lines`);
      }
    } finally {
      bar.stop();
    }
    if (!last.includes('"trailer"'))
      throw new CliError('BAD_RESPONSE', 'the server stopped before the end of the space');
  }
}
