/** Each example both ways, killed many times. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExampleReport } from './example.ts';
import { type Compare, expectSameWhenKilled } from './example-kill.ts';
import {
  compareCalls,
  compareConfirmations,
  compareConfirmationsByHand,
  compareOutputs,
  compareStudents,
  compareStudentsOfBatch,
} from './example-kills.ts';

it.each<[string, readonly string[], number, Compare<never>]>([
  ['split-process-aggregate', ['--records', '1000'], 60, compareOutputs],
  ['split-process-aggregate', ['--as', 'batch', '--records', '20000'], 30, compareOutputs],
  ['order-intake', ['--as', 'batch', '--records', '100000'], 30, compareOutputs],
  // Few in a row: an execution of this example is over after 20 seconds, whatever happens to it.
  ['table-map', [], 12, compareCalls],
  ['table-map', ['--as', 'batch'], 12, compareOutputs],
  ['student-files', ['--records', '5000'], 60, compareStudents],
  ['student-files', ['--as', 'batch', '--records', '5000'], 30, compareStudentsOfBatch],
  ['order-confirmation', ['--records', '1990', '--lines', '199'], 60, compareConfirmations],
  ['order-confirmation', ['--machine', 'merge', '--records', '1990', '--lines', '199'], 60, compareConfirmationsByHand],
  ['order-confirmation', ['--machine', 'single', '--records', '20000'], 30, compareConfirmationsByHand],
  ['order-confirmation', ['--as', 'batch', '--records', '100000'], 30, compareConfirmations],
])('%s %j gives the same when it is killed %i times', async (name, args, kills, compare) => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameWhenKilled({ name, args, kills, seed, compare: compare as Compare<ExampleReport> });
});

it('sees a planted bug: a load that does not know itself when it is done again', async () => {
  const root = join(import.meta.dirname, '..');
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-planted-'));
  try {
    const examples = join(folder, 'examples');
    cpSync(join(root, 'examples'), examples, {
      recursive: true,
      filter: (path) => !/node_modules|\.fanfold|inbox|outbox|work$/.test(path.slice(root.length)),
    });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const file = join(examples, 'student-files', 'functions', 'student-load.ts');
    const text = readFileSync(file, 'utf8');
    const planted = text.replace('const batchId = idempotencyKey || randomUUID();', 'const batchId = randomUUID();');
    expect(planted).not.toBe(text);
    writeFileSync(file, planted);
    const params = { name: 'student-files', args: ['--records', '5000'], kills: 40, seed: 7, examples };
    await expect(expectSameWhenKilled({ ...params, compare: compareStudents as Compare })).rejects.toThrow(
      'to be 4997',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
