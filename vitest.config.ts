import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long for their size. Begun last, one of them would keep a single worker busy while the others are idle. */
const LONG = /\/(?:disk|conformance|reliability|simulation|\S*kills?|driver\.recovery|backup)\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

/** Files that share a process stand behind each other, or each would get a new one. */
function place({ moduleId, project }: TestSpecification): number {
  if (project.name === SHARED) return 2;
  return LONG.test(moduleId) ? 0 : 1;
}

const SHARED = 'shared';
const ELSEWHERE = ['**/*.long.test.ts', '**/node_modules/**'];
/** Of the sources' tests those that measure time or memory, put another clock in place, change the environment or kill. */
const ALONE = [
  'packages/*/src/**/{bounds,deadlines,growth,lookups,pool,process,server,sinks,step.cost,system-clock,young-generation}.test.ts',
  'packages/*/src/**/{*kill,*kills,simulation,driver.recovery}.test.ts',
];

/** Of every project. */
const common: ViteUserConfig['test'] & {} = {
  setupFiles: ['./test/folders.setup.ts'],
  // Of the processes that tests start, most of a short one's time would go into compiling what was compiled before.
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
  // Only what hangs is ended: on a machine that does something else as well, a test takes what it takes.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    // Half of the tests wait for processes of their own: a worker for each processor, where vitest would keep one free.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    projects: [
      {
        // One process runs many of these files and loads the modules once.
        test: {
          ...common,
          name: SHARED,
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...ALONE],
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'alone',
          include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts', ...ALONE],
          exclude: ELSEWHERE,
        },
      },
    ],
  },
});
