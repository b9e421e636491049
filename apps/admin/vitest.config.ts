import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './test/one-console.ts',
    // A build of the console takes half a minute, and longer on a machine that has other things to do.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
