import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: './test/one-server.ts',
    // A fresh embedded database takes seconds to come up.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
