import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from './start-server.ts';

/**
 * Starts a server on an empty embedded database in a temporary folder; both are gone when it is stopped.
 *
 * @param env its whole environment, but for where it keeps its data
 * @throws ServerStartError with what the server said
 */
export async function startScratchServer(env: NodeJS.ProcessEnv): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'anima-scratch-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const own = { DATABASE_URL: undefined, ANIMA_DATA_DIR: folder, ANIMA_CONSOLE: 'off' };
    const server = await startServer({ ...env, ...own });
    return { ...server, stop: () => server.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
