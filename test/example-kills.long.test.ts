/** Each example both ways, killed many times. */
import { it } from 'vitest';
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
