#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes, explain } from './failure.ts';
import { badAside } from './output/colours.ts';
import { program } from './program.ts';

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what there is to say; asking for help or the version is no mistake.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    // The code stands out; the rest is for reading.
    process.stderr.write(`${explain(error).replace(/^[A-Z_]+:/, (code) => badAside(code))}\n`);
    process.exitCode = exitCodes.failed;
  }
}
