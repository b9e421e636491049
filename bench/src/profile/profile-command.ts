import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnimaClient } from '@anima/client';
import { startProgress } from '@anima/client/node/progress';
import { Argument, Command } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { perform, pickOperation } from '../mix/operations.ts';
import { ownPlace } from '../own-place.ts';
import { pick, type Random, seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { addEngineOptions, type TargetOptions } from '../target.ts';
import { runClinic, type Tool, tools } from './clinic.ts';

const seed = 20_261_122;
const space = 'profile';

/** No real one. */
const modelName = 'bench-profile';

interface ProfileOptions extends Omit<TargetOptions, 'url'> {
  readonly memories: number;
  readonly connections: number;
  /** Seconds. */
  readonly duration: number;
}

export function profileCommand(): Command {
  return addEngineOptions(
    new Command('profile')
      .description('Where the time of a server goes under load: a report by clinic.')
      .addArgument(new Argument('[tool]', 'what to look with').choices(tools).default('doctor')),
  )
    .option('--memories <n>', 'how many the space holds', readCount, 1_000)
    .option('--connections <n>', 'how many ask at a time, without a pause', readCount, 8)
    .option('--duration <s>', 'how long, seconds', readCount, 20)
    .addHelpText(
      'after',
      `
The model is one that answers at once from another process: clinic cannot tell the threads of the builtin one from
the server's own. With --engine postgres it makes a database of its own beside the one that is named, and drops it.

Exit code 1 when clinic made no report.

Examples:
  bench profile
  bench profile flame --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(tool: Tool, { memories, connections, duration, ...options }: ProfileOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await startModelServer());
  const place = await ownPlace(stack, options, 'profile');
  const results = fileURLToPath(new URL('../../results', import.meta.url));
  await mkdir(results, { recursive: true });
  const env = {
    ...process.env,
    ...{ DATABASE_URL: place.databaseUrl, ANIMA_DATA_DIR: place.folder, LOG_LEVEL: 'warn' },
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: modelName },
  };
  const folder = await mkdtemp(join(results, `profile-${tool}-`));
  const page = await runClinic({
    ...{ tool, folder, env },
    work: (url) => load(url, { memories, connections, durationMs: 1_000 * duration }),
  });
  process.stdout.write(`${page}\n`);
}

interface LoadSize {
  readonly memories: number;
  readonly connections: number;
  readonly durationMs: number;
}

/** The mix without thought: callers that ask one thing after the other. */
async function load(url: string, { memories, connections, durationMs }: LoadSize): Promise<void> {
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  const nextQuery = (random: Random) => pick(random, repeatedQueries);
  await fill({ client: createAnimaClient({ url }), url, description: 'clinic' }, space, memories, nextTurn);
  const bar = startProgress('Asking', durationMs);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let answered = 0;
  const callers = Array.from({ length: connections }, async (_, caller) => {
    const random = seededRandom(seed + caller);
    const user = { baseUrl: url, space, conversationId: `user-${caller}`, random, nextTurn, nextQuery };
    while (elapsed() < durationMs) {
      const { error } = await perform(pickOperation(random), user);
      if (error !== undefined) throw new Error(`a request failed: ${error}`);
      answered += 1;
      bar.update(Math.min(durationMs, elapsed()), `${answered} answers`);
    }
  });
  await Promise.all(callers);
  bar.stop();
}
