import { Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { renderAssociations } from '../output/association-list.ts';
import { renderTree } from '../output/association-tree.ts';
import { dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface AssociationsOptions extends SpaceOptions {
  readonly graph?: true;
  readonly depth?: number;
  readonly perNode?: number;
  readonly maxNodes?: number;
  readonly limit?: number;
  readonly minStrength?: number;
}

export function associationsCommand(): Command {
  return addSpaceOptions(
    new Command('associations')
      .description('Show what a memory was recalled together with, the strongest first. Changes nothing.')
      .argument('<memory>', 'its id')
      .option('--min-strength <s>', 'only those at least this strong, 0 to 1', readNumber)
      .addOption(
        new Option('--limit <n>', 'how many at most, 1 to 100 (default: 20)').argParser(readNumber).conflicts('graph'),
      )
      .option('--graph', 'as a tree of what lies around it')
      .addOption(ofGraph('--depth <n>', 'how far the tree goes, 1 to 3 (default: 2)'))
      .addOption(ofGraph('--per-node <n>', 'how many the tree follows from one memory, 1 to 100 (default: 10)'))
      .addOption(ofGraph('--max-nodes <n>', 'how many memories the tree has at most, 1 to 500 (default: 100)')),
  )
    .addHelpText(
      'after',
      `
A strength is log10(1 + times recalled together) / 10: 0.1 for nine times, 0.2 for ninety-nine.

Examples:
  anima associations 0198a1c2-0000-7000-8000-00000000000a
  anima associations 0198a1c2-0000-7000-8000-00000000000a --graph --depth 3 --per-node 5`,
    )
    .action(run);
}

async function run(memoryId: string, options: AssociationsOptions): Promise<void> {
  const { space, minStrength, depth, perNode, maxNodes, limit } = options;
  const server = { url: options.url, isQuiet: options.json === true };
  if (options.graph) {
    const graph = await withServer(server, ({ client }) =>
      client.associations.graph.query({ memoryId, minStrength, depth, perNode, maxNodes, space }),
    );
    return options.json ? printJson(graph) : void process.stdout.write(`${renderTree(graph)}\n`);
  }
  const result = await withServer(server, ({ client }) =>
    client.associations.discover.query({ memoryId, minStrength, limit, space }),
  );
  if (options.json) return printJson(result);
  const { associations } = result;
  const text = associations.length === 0 ? dim('It is associated with nothing.') : renderAssociations(associations);
  process.stdout.write(`${text}\n`);
}

function ofGraph(flags: string, description: string): Option {
  return new Option(flags, description).argParser(readNumber).implies({ graph: true });
}
