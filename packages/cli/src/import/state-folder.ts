import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../failure.ts';

/** @param stateHome where a user's programs keep state, as the XDG base directories have it */
export function stateFolder(stateHome: string | undefined, name: 'imports' | 'imported'): string {
  return join(stateHome || join(homedir(), '.local', 'state'), 'anima', name);
}

export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('UNAVAILABLE', `the import ledger ${folder} cannot be made: ${reason}`, {
      hint: 'Set XDG_STATE_HOME to a directory that you may write to.',
    });
  }
}
