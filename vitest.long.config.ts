import { defineConfig } from 'vitest/config';

/** Full sizes, sweeps and soaks. */
export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.long.test.ts', 'examples/*/test/**/*.long.test.ts', 'test/**/*.long.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
