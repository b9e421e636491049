import { faultsOf } from './faults.ts';
import { sentStatements } from './sent-statements.ts';

/** What a distributed database would have against the statements that this process has sent by now. */
export async function misrouted(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [text, from] of sentStatements) {
    for (const { what } of await faultsOf(text)) found.push(`${from} ${what}:\n${text}`);
  }
  return found;
}
