import { loggableError } from '@anima/api';
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * JSON lines on stdout for machines; on a terminal, lines for people.
 *
 * @param context what each line says besides, of the moment in which it is written
 */
export function createLog(level: string, stdout: NodeJS.WriteStream, context?: () => object): Logger {
  const serializers = { err: (error: unknown) => (error instanceof Error ? loggableError(error) : error) };
  const options = { level, base: null, serializers, ...(context ? { mixin: context } : {}) };
  return stdout.isTTY ? pino(options, readableLines(stdout)) : pino(options);
}

function readableLines(stdout: NodeJS.WriteStream): DestinationStream {
  return {
    write(line) {
      const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const clock = new Date(Number(time)).toTimeString().slice(0, 8);
      const rest = Object.entries(fields).map(([key, value]) => `${key}=${readable(value)}`);
      stdout.write(`${[clock, pino.levels.labels[Number(level)], msg, ...rest].join('  ')}\n`);
    },
  };
}

function readable(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
