import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long for their size. Begun last, one of them would keep a single worker busy while the others are idle. */
const LONG = /\/(?:disk|conformance|reliability|simulation|\S*kills?|driver\.recovery|backup)\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(LONG.test(b.moduleId)) - Number(LONG.test(a.moduleId)));
  }
}

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/*.long.test.ts', '**/node_modules/**'],
    // Half of the tests wait for processes of their own: a worker for each processor, where vitest would keep one free.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    setupFiles: ['./test/folders.setup.ts'],
    // Only what hangs is ended: on a machine that does something else as well, a test takes what it takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
