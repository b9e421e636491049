import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './test/one-console.ts',
    // A build of the console takes half a minute, and longer on a machine that has other things to do.
    testTimeout: 120_000,
    // A page on a busy machine may lose a click to what arrives at that moment; a person clicks again.
    retry: 1,
    hookTimeout: 120_000,
  },
});
