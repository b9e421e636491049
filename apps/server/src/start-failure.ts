import { AnimaError } from '@anima/core';
import { type Env, SettingsError } from './env.ts';

/** Why a start failed, in one line that says what to do. */
export function explainStartFailure(error: unknown, env: Pick<Env, 'HOST' | 'PORT'> | undefined): string {
  if (error instanceof SettingsError || error instanceof AnimaError) return oneLine(error.message);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (env && code === 'EADDRINUSE') {
    return `PORT ${env.PORT} on ${env.HOST} is in use: stop what listens there, or set another PORT`;
  }
  if (env && code === 'EACCES') return `PORT ${env.PORT} may not be opened by this user: set one above 1023`;
  return oneLine(error instanceof Error ? error.message : String(error));
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
