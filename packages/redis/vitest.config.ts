import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: './test/one-redis.ts', testTimeout: 30_000 } });
