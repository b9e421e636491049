import type { ConfigureRequest, SpaceResult } from '@anima/client';
import { Argument, Command } from 'commander';
import { withServer } from '../connection.ts';
import { bold, dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, readNumber, type ServerOptions } from './server-options.ts';

type Changes = ConfigureRequest['settings'];

interface SpaceCommandOptions extends ServerOptions {
  readonly ranking?: NonNullable<Changes['ranking']>;
  readonly threshold?: number;
  readonly similarityWeight?: number;
  readonly lexicalWeight?: number;
  readonly conversationLift?: number;
  readonly neighbourTurnLift?: number;
  readonly resonanceLift?: number;
  readonly sentenceVectors?: boolean;
  readonly decay?: boolean;
  readonly consolidation?: boolean;
  readonly consolidationThreshold?: number;
  readonly consolidationGuard?: boolean;
  readonly receiptRetentionDays?: number;
  readonly archiveRetentionDays?: number;
  readonly reset?: true;
}

export function spaceCommand(): Command {
  return addServerOptions(
    new Command('space')
      .description('Show or change how a space recalls.')
      .addArgument(new Argument('[name]', 'the space; made on first use').default('default')),
  )
    .option('--ranking <profile>', 'hybrid (by meaning and words) or structural (by meaning and resonance)')
    .option('--threshold <cosine>', 'similarity that a result without a matching word needs, 0 to 1', readNumber)
    .option('--similarity-weight <w>', 'what meaning counts in the hybrid score, 0 to 1', readNumber)
    .option('--lexical-weight <w>', 'what words count in the hybrid score, 0 to 1', readNumber)
    .option('--conversation-lift <w>', 'what another good result of the same conversation adds, 0 to 1', readNumber)
    .option(
      '--neighbour-turn-lift <w>',
      'what the turn before or after adds, 0 to 1: 0.3 suits transcripts',
      readNumber,
    )
    .option('--resonance-lift <w>', 'by how much resonance raises a score at most, 0 to 1', readNumber)
    .option('--sentence-vectors', 'embed the sentences of a memory too, from now on')
    .option('--no-sentence-vectors', 'embed memories as a whole, from now on')
    .option('--decay', 'let the resonance of what is not accessed any more fade, month by month (the default)')
    .option('--no-decay', 'let nothing fade')
    .option('--consolidation', 'merge near-duplicates in the background')
    .option('--no-consolidation', 'merge nothing')
    .option(
      '--consolidation-threshold <cosine>',
      'similarity from which two memories may be the same, 0 to 1',
      readNumber,
    )
    .option('--consolidation-guard', 'merge only what says the same word for word (the default)')
    .option('--no-consolidation-guard', 'merge whatever is similar enough')
    .option('--receipt-retention-days <n>', 'how long recalls can be explained, 0 to 3650 days', readNumber)
    .option('--archive-retention-days <n>', 'how long archived events are kept, 1 to 36500 days', readNumber)
    .option('--reset', 'leave everything to the server again')
    .addHelpText(
      'after',
      `
Without an option it shows what the space decides for itself.

Examples:
  anima space transcripts --neighbour-turn-lift 0.3
  anima space transcripts --reset`,
    )
    .action(run);
}

async function run(space: string, { url, json, ...options }: SpaceCommandOptions): Promise<void> {
  const settings = changes(options);
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    Object.keys(settings).length === 0
      ? client.spaces.describe.query({ space })
      : client.spaces.configure.mutate({ space, settings }),
  );
  if (json) return printJson(result);
  process.stdout.write(`${render(result)}\n`);
}

const names = [
  'ranking',
  'similarityThreshold',
  'similarityWeight',
  'lexicalWeight',
  'conversationLift',
  'neighbourTurnLift',
  'resonanceLift',
  'sentenceVectors',
  'decay',
  'consolidation',
  'consolidationThreshold',
  'consolidationGuard',
  'receiptRetentionDays',
  'archiveRetentionDays',
] as const satisfies readonly (keyof Changes)[];

function changes({ reset, threshold, ...given }: Omit<SpaceCommandOptions, keyof ServerOptions>): Changes {
  const open: Changes = reset ? Object.fromEntries(names.map((name) => [name, null])) : {};
  return { ...open, ...given, ...(threshold === undefined ? {} : { similarityThreshold: threshold }) };
}

function render({ space, settings }: SpaceResult): string {
  const lines = names.flatMap((name) => (settings[name] === undefined ? [] : [`  ${dim(name)} ${settings[name]}`]));
  return lines.length === 0 ? `${bold(space)} leaves everything to the server.` : [bold(space), ...lines].join('\n');
}
