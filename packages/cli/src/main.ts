#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes, explain } from './failure.ts';
import { program } from './program.ts';

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what there is to say; asking for help or the version is no mistake.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
