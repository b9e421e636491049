import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './test/one-console.ts',
    // Journeys wait for the server as much as for a core.
    maxConcurrency: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
