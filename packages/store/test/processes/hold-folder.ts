// A process that takes folders as it is told, one a line, and answers what came of it. It holds them until it ends.
import { createInterface } from 'node:readline';
import { AnimaError } from '@anima/core';
import { lockFolder } from '../../src/engine/folder-lock.ts';

process.stdout.write('ready\n');
for await (const folder of createInterface({ input: process.stdin })) {
  process.stdout.write(`${outcome(folder)}\n`);
}

function outcome(folder: string): string {
  try {
    lockFolder(folder);
    return 'held';
  } catch (error) {
    if (error instanceof AnimaError) return `${error.code} ${error.message}`;
    throw error;
  }
}
