import { drain } from '@anima/client/node/drain';
import { noProgress, type Progress, startProgress } from '@anima/client/node/progress';
import { type Connection, withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { importSpaceFile, readSpaceFile, type SpaceImportOutcome } from '../import/space-file.ts';
import { good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';

const stages = {
  sending: 'Sending',
  checking: 'Checking',
  waiting: 'Waiting for other processes',
  applying: 'Importing',
  done: 'Done',
};

export interface SpaceImportCommand {
  readonly path: string;
  /** Undefined: as the file calls it. */
  readonly space: string | undefined;
  readonly url: string | undefined;
  readonly isQuiet: boolean;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/** Makes an exported file a space again. */
export async function importSpace({ path, isQuiet, isDryRun, signal, ...options }: SpaceImportCommand): Promise<void> {
  const file = await readSpaceFile(path);
  const { space = file.space } = options;
  const { lines, exportedAt, counts } = file;
  const about = { file: path, space, exportedAt, lines, counts };
  if (isDryRun) {
    if (isQuiet) return printJson({ ...about, isDryRun });
    const says = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
    process.stdout.write(
      `${path} is whole: "${file.space}" as of ${exportedAt}.\nWould import into "${space}": ${says.join(', ')}.\n`,
    );
    return;
  }
  const outcome = await withServer({ url: options.url, isQuiet }, async (connection) => {
    const result = await followed(isQuiet, (onProgress) =>
      importSpaceFile(connection.client, file, { space, signal, onProgress }),
    );
    if (connection.isEmbedded && result === 'imported') await settle(connection, isQuiet, signal);
    return result;
  });
  if (isQuiet) printJson({ ...about, outcome });
  else process.stdout.write(`${render(outcome, file.counts, space)}\n`);
  if (outcome === 'stopped') process.exitCode = exitCodes.interrupted;
}

type OnProgress = Parameters<typeof importSpaceFile>[2]['onProgress'];

/** One bar after the other, for each stage. */
async function followed<T>(isQuiet: boolean, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  let bar: Progress = noProgress;
  let shown: string | undefined;
  try {
    return await work(({ stage, done, total }) => {
      if (isQuiet || stage === 'done') return;
      if (stage !== shown) {
        bar.stop();
        bar = startProgress(stages[stage], total);
        shown = stage;
      }
      bar.update(done, `${done} of ${total} lines`);
    });
  } finally {
    bar.stop();
  }
}

/** A server that ends with this command folds and embeds first. */
async function settle({ client }: Connection, isQuiet: boolean, signal: AbortSignal): Promise<void> {
  for (const [label, gauge] of [
    ['Folding', async () => (await client.meta.metrics.query()).folds.lagEvents],
    ['Embedding', async () => (await client.meta.metrics.query()).embeddings.pending],
  ] as const) {
    const total = await gauge();
    const bar = isQuiet ? noProgress : startProgress(label, total);
    try {
      await drain(gauge, { signal, onReading: (left) => bar.update(total - left, `${left} left`) });
    } finally {
      bar.stop();
    }
  }
}

function render(
  outcome: SpaceImportOutcome,
  { memories, events }: Readonly<Record<string, number>>,
  space: string,
): string {
  switch (outcome) {
    case 'imported':
      return `${good(`Imported "${space}"`)}: ${memories} memories, ${events} events. Tiers and vectors follow in the background.`;
    case 'known':
      return `Nothing to do: "${space}" was imported from this file before.`;
    case 'stopped':
      return 'Stopped. Run the same command again to go on.';
  }
}
