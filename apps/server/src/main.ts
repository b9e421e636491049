import { type RunningConsole, startConsole } from './console.ts';
import { type Env, readEnv } from './env.ts';
import { createLog } from './log.ts';
import { type RunningServer, startServer } from './server.ts';
import { explainStartFailure } from './start-failure.ts';
import { spanFields } from './telemetry/current-span.ts';
import { telemetrySettings } from './telemetry/settings.ts';
import { welcome } from './welcome.ts';

process.exit(await main());

/** Reads the settings, serves until told to stop, stops in order. */
async function main(): Promise<number> {
  const toldToStop = stopSignal();
  let env: Env | undefined;
  let running: RunningServer;
  try {
    env = readEnv(process.env);
    running = await start(env);
  } catch (error) {
    console.error(`Anima cannot start: ${explainStartFailure(error, env)}`);
    return 1;
  }
  const consoleBeside = announce(env, running);
  await toldToStop;
  await Promise.all([consoleBeside?.close(), running.close()]);
  return 0;
}

async function start(env: Env): Promise<RunningServer> {
  const isTraced = telemetrySettings(env)?.traces !== undefined;
  const log = createLog(env.LOG_LEVEL, process.stdout, isTraced ? spanFields : undefined);
  // Node would print an error with all that hangs on it, and those of the database carry content.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a defect ended this process');
    process.exit(1);
  });
  try {
    return await startServer(env, log, process.env);
  } catch (error) {
    log.debug({ err: error }, 'the start failed');
    throw error;
  }
}

/** A parent process hears where the server is; a person is shown around, and gets the console. */
function announce(env: Env, running: RunningServer): RunningConsole | undefined {
  if (process.send) {
    process.send({ type: 'ready', url: running.url });
    return undefined;
  }
  console.error(welcome(env, running));
  const isServed = env.ANIMA_CONSOLE === 'on' && env.ANIMA_ROLE !== 'worker';
  return isServed ? startConsole(env, process.env, running.url, (words) => console.error(words)) : undefined;
}

/** Resolves at the first request to stop, or when the parent that holds the channel is gone; a second one forces. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    process.once('disconnect', resolve);
  });
}
