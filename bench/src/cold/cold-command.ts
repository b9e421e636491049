import { Command, InvalidArgumentError } from 'commander';
import { machine } from '../machine.ts';
import { dialogue, questions } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { renderLoad, targets } from '../mix/load-report.ts';
import { type Measured, measureLoad } from '../mix/measure-load.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { writeResult } from '../result-file.ts';
import { settle } from '../settle.ts';
import { addEngineOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { type ModelDelay, type ModelServer, startModelServer } from './model-server.ts';

const warmUpMs = 3_000;
const seed = 20_261_122;

const defaultDelays: readonly ModelDelay[] = [50, 3_000, 5_000, 'none'];

/** No real one, so that whatever else a database holds is never embedded with the vectors of this model. */
const modelName = 'bench-cold';

interface ColdOptions extends TargetOptions {
  readonly delay: readonly ModelDelay[];
  readonly users: number;
  /** Seconds, for each model. */
  readonly duration: number;
  readonly memories: number;
  readonly json?: string;
}

export function coldCommand(): Command {
  return addEngineOptions(
    new Command('cold').description(
      'The load of mix with a model that is slow or gone, every text new: nothing comes from a cache.',
    ),
  )
    .option(
      '--delay <ms...>',
      'what the model takes for a call, ms, or none for a model that is gone',
      readDelays,
      defaultDelays,
    )
    .option('--users <n>', 'how many at a time', readCount, 20)
    .option('--duration <s>', 'how long each model is measured, seconds', readCount, 15)
    .option('--memories <n>', 'how many a space holds before', readCount, 500)
    .option('--json <file>', 'where the result goes (default: bench/results/cold-ENGINE-TIME.json)')
    .addHelpText(
      'after',
      `
Exit code 1 when a request fails or a p95 is above its target: ${targets()}.

Examples:
  bench cold
  bench cold --delay 3000 none --users 50 --duration 60`,
    )
    .action(run);
}

/** What one more value of the option makes of those before it; the first one takes the place of the defaults. */
function readDelays(text: string, before: readonly ModelDelay[]): readonly ModelDelay[] {
  const delay = text === 'none' ? text : /^\d+$/.test(text) ? Number(text) : undefined;
  if (delay === undefined) throw new InvalidArgumentError('It is neither a whole number nor none.');
  return before === defaultDelays ? [delay] : [...before, delay];
}

async function run(options: ColdOptions): Promise<void> {
  await using model = await startModelServer();
  const settings = { EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: modelName };
  const result = await withTarget(options, (target) => measure(target, model, options), settings);
  await writeResult(result, options.json);
  if (!result.models.every(({ operations }) => operations.every((each) => each.isWithinTarget))) process.exitCode = 1;
}

async function measure(target: Target, model: ModelServer, { delay: delays, users, duration, memories }: ColdOptions) {
  const turns = dialogue(seededRandom(seed));
  const asked = questions(seededRandom(seed));
  const texts = { nextTurn: () => turns.next().value, nextQuery: () => asked.next().value };
  const models: ModelResult[] = [];
  for (const delay of delays) {
    const space = `cold-${delay}-${Date.now().toString(36)}`;
    await fill(target, space, memories, texts.nextTurn);
    await model.become(delay);
    const load = { baseUrl: target.url, space, users, seed, durationMs: 1_000 * duration, ...texts };
    const measured = await measureLoad(`With ${nameOf(delay)}`, load, warmUpMs);
    const { embeddings } = await target.client.meta.metrics.query();
    await model.become(0);
    const embeddedAfterMs = await settle(target.client, 'embeddings', 'Embedding');
    const result = { delay, ...measured, pendingAtTheEnd: embeddings.pending, embeddedAfterMs };
    models.push(result);
    process.stdout.write(`${render(result)}\n\n`);
  }
  const { version } = await target.client.meta.health.query();
  return {
    bench: 'cold',
    at: new Date().toISOString(),
    settings: { target: target.description, users, durationSeconds: duration, memories, warmUpMs, seed },
    machine: machine(),
    server: { version },
    models,
  };
}

interface ModelResult extends Measured {
  readonly delay: ModelDelay;
  /** Memories without a vector when the load ended, and how long they took once the model answered at once, ms. */
  readonly pendingAtTheEnd: number;
  readonly embeddedAfterMs: number;
}

function render({ delay, pendingAtTheEnd, embeddedAfterMs, ...measured }: ModelResult): string {
  return [
    `With ${nameOf(delay)}:`,
    renderLoad(measured),
    `at the end ${pendingAtTheEnd} memories were not embedded; once the model answered at once, they were after ` +
      `${(embeddedAfterMs / 1_000).toFixed(1)} s`,
  ].join('\n');
}

function nameOf(delay: ModelDelay): string {
  return delay === 'none' ? 'no model' : `a model that takes ${delay} ms`;
}
