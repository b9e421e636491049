import { defineConfig } from 'vitest/config';

/** One run over every package; a package that needs settings of its own has a vitest.config.ts. */
export default defineConfig({ test: { projects: ['packages/*', 'apps/*', 'bench', 'docs', 'scripts'] } });
