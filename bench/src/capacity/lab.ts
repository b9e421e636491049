import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '@anima/store/database';
import { type Floors, openFloors } from '@anima/store/floors';
import { startModelServer } from '../cold/model-server.ts';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { seededRandom } from '../random.ts';
import { settle } from '../settle.ts';
import { type Target, type TargetOptions, withOwnServer } from '../target.ts';
import { spaces } from './subjects.ts';

/** A server with a space of memories, and what its operations stand on, measured beside it. */
export interface Lab {
  readonly target: Target;
  readonly floors: Floors;
  /** Text that nobody remembers yet. */
  readonly nextContent: () => string;
}

export interface LabOptions extends Pick<TargetOptions, 'engine' | 'databaseUrl'> {
  readonly memories: number;
  readonly seed: number;
  /** Environment of the server that is measured. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Fills a server of its own, stops it, copies its data, and runs `work` with the server started again and the bare
 * statements on the copy, which no worker touches: the same rows and the same statistics on either side.
 *
 * Its model answers at once: what is measured is Anima, not a model.
 */
export async function withLab<T>(options: LabOptions, work: (lab: Lab) => Promise<T>): Promise<T> {
  const { memories, seed } = options;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  const nextContent = () => nextTurn().content;
  await using model = await startModelServer();
  const settings = {
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: 'bench-capacity' },
    // What it can do at most, whatever each of them has to wait.
    SHED_ABOVE_MS: '0',
    // It would go on for minutes beside whatever is measured then: "bench background" is about that.
    SEMANTIC_CONSOLIDATION: 'false',
  };
  await using data = await makeData(options);
  const serve = <R>(run: (target: Target) => Promise<R>, env: NodeJS.ProcessEnv = {}) =>
    withOwnServer({ ...settings, ...data.settings, ...env }, options.engine, run);

  const modelOfSpace = await serve(async (target) => {
    await fill(target, spaces.read, memories, nextTurn);
    await target.client.memories.add.mutate({ content: nextContent(), space: spaces.written });
    // So that their vectors are known, and the floors find what a query finds.
    for (const query of repeatedQueries) await target.client.memories.query.mutate({ query, space: spaces.read });
    await settle(target.client, 'embeddings', 'Embedding');
    await settle(target.client, 'folds', 'Folding');
    return (await target.client.spaces.describe.query({ space: spaces.read })).model;
  });
  await using copy = await data.copy();
  await using floors = await openFloors({
    ...{ ...copy, model: modelOfSpace, space: spaces.read, writtenSpace: spaces.written },
    ...{ questions: repeatedQueries, nextContent },
  });
  return await serve((target) => work({ target, floors, nextContent }), options.env);
}

/** Where a lab's server keeps its data, and how to copy it while nobody works on it. */
async function makeData({ engine, databaseUrl }: LabOptions) {
  if (engine === 'postgres') {
    if (!databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
    const database = await createDatabase(databaseUrl, 'capacity');
    return {
      settings: { DATABASE_URL: database.url },
      copy: async () => {
        const { url, [Symbol.asyncDispose]: drop } = await createDatabase(databaseUrl, 'floors', database.name);
        return { databaseUrl: url, folder: '', [Symbol.asyncDispose]: drop };
      },
      [Symbol.asyncDispose]: database[Symbol.asyncDispose],
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'anima-bench-'));
  return {
    settings: { DATABASE_URL: undefined, ANIMA_DATA_DIR: join(folder, 'served') },
    copy: async () => {
      await cp(join(folder, 'served'), join(folder, 'floors'), { recursive: true });
      return { databaseUrl: undefined, folder: join(folder, 'floors'), [Symbol.asyncDispose]: async () => undefined };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
