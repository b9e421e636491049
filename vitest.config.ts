import { defineConfig } from 'vitest/config';

/** One run over every package; a package that needs settings of its own has a vitest.config.ts. */
export default defineConfig({
  test: {
    // Most tests wait for processes, databases and locks: a core may as well have a file of its own.
    maxWorkers: '100%',
    projects: ['packages/*', 'apps/*', 'bench', 'docs'],
  },
});
