import { createAnimaClient } from '@anima/client';
import { startScratchServer } from '@anima/client/node/scratch-server';
import { Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { type DemoStep, demo } from '../demo/story.ts';
import { exitCodes } from '../failure.ts';
import { dimAside } from '../output/colours.ts';
import { renderStep } from '../output/demo-step.ts';
import { printJson } from '../output/print-json.ts';
import { readUrl } from './server-options.ts';

interface DemoOptions {
  readonly url?: string;
  readonly json?: true;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Show within a minute what memory, resonance, tiers and associations do.')
    .addOption(new Option('--url <url>', 'a server to show it on, in a space of its own').argParser(readUrl))
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      `
It starts a server of its own on an empty database, which is gone afterwards. The text is from "Alice's
Adventures in Wonderland" by Lewis Carroll (1865), in the public domain.

Examples:
  anima demo
  anima demo --url http://127.0.0.1:7100   # the space stays, to be looked at in the console`,
    )
    .action(run);
}

async function run({ url, json }: DemoOptions): Promise<void> {
  const isQuiet = json === true;
  const space = url === undefined ? 'demo' : `demo-${Date.now().toString(36)}`;
  const seen: DemoStep[] = [];
  const show = async (client: Parameters<typeof demo>[0]) => {
    for await (const step of demo(client, space)) {
      seen.push(step);
      if (!isQuiet) process.stdout.write(`${renderStep(step)}\n\n`);
    }
  };
  if (url === undefined) {
    if (!(await onScratchServer(show, isQuiet))) return;
  } else await withServer({ url, isQuiet }, ({ client }) => show(client));
  if (isQuiet) printJson({ space, ...Object.assign({}, ...seen) });
  else process.stdout.write(`${url === undefined ? ending : `The space is "${space}".`}\n`);
}

/** Stopped by Ctrl-C too, the server and its folder are gone. @returns whether it came to its end */
async function onScratchServer(
  show: (client: Parameters<typeof demo>[0]) => Promise<void>,
  isQuiet: boolean,
): Promise<boolean> {
  if (!isQuiet) process.stderr.write(`${dimAside('Starting a server on an empty database …')}\n`);
  const stopped = new Promise<'stopped'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'));
  });
  const server = await startScratchServer(process.env);
  const shown = show(createAnimaClient({ url: server.url }));
  try {
    if ((await Promise.race([shown, stopped])) !== 'stopped') return true;
    // What it was about to ask fails with its server.
    shown.catch(() => undefined);
    process.exitCode = exitCodes.interrupted;
    return false;
  } finally {
    await server.stop();
  }
}

const ending = `That was a server of its own, and it is gone. Yours:

  npm start                                  the server, and the console on http://127.0.0.1:7180
  npm run anima -- import ~/notes            what you have already
  npm run anima -- query "what was it about?" --explain`;
