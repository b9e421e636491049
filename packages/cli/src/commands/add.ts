import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { age } from '../output/age.ts';
import { dim, good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, collect, type SpaceOptions } from './server-options.ts';

interface AddOptions extends SpaceOptions {
  readonly category?: string;
  readonly tag?: readonly string[];
  readonly source?: string;
  readonly conversation?: string;
  readonly occurredAt?: string;
  readonly expiresAt?: string;
  readonly catalyst?: true;
}

export function addCommand(): Command {
  return addSpaceOptions(
    new Command('add')
      .description('Remember a text.')
      .argument('<text...>', 'the text, or - to read it from stdin')
      .option('--category <name>', 'what kind of memory it is')
      .option('--tag <name>', 'a tag; give it again for more', collect)
      .option('--source <name>', 'where it comes from')
      .option('--conversation <id>', 'the conversation that it belongs to')
      .option('--occurred-at <time>', 'when it happened: ISO 8601 with an offset')
      .option('--expires-at <time>', 'from when on it is not found any more')
      .option('--catalyst', 'mark it as a breakthrough'),
  )
    .addHelpText(
      'after',
      `
Content that the space has already is not stored twice: it counts as an access.

Examples:
  anima add "Ada moved to Lisbon in May" --category fact --tag ada --tag places
  cat notes.txt | anima add - --source notes.txt`,
    )
    .action(run);
}

async function run(words: readonly string[], options: AddOptions): Promise<void> {
  const isStdin = words.length === 1 && words[0] === '-';
  const content = isStdin ? (await readAll(process.stdin)).trimEnd() : words.join(' ');
  const result = await withServer({ url: options.url, isQuiet: options.json === true }, ({ client }) =>
    client.memories.add.mutate({
      content,
      category: options.category,
      tags: options.tag,
      source: options.source,
      conversationId: options.conversation,
      occurredAt: options.occurredAt,
      expiresAt: options.expiresAt,
      isCatalyst: options.catalyst,
      space: options.space,
    }),
  );
  if (options.json) return printJson(result);
  const { memory, isDuplicate, embedding } = result;
  const what = isDuplicate
    ? good(`Known already (${age(memory.createdAt)}): counted as an access.`)
    : good(`Remembered${memory.isCatalyst ? ' as a catalyst' : ''}.`);
  const vector = embedding === 'pending' ? ' Found by its words now, by its meaning once it is embedded.' : '';
  process.stdout.write(`${what}${vector}\n${dim(memory.id)}\n`);
}
