/** The examples, killed on the way a few times; order-intake has a file of its own, `example-kills.long.test.ts` many kills. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExampleReport } from './example.ts';
import { type Compare, expectSameWhenKilled } from './example-kill.ts';
import { compareCalls, compareConfirmationsByHand, compareOutputs, compareStudents } from './example-kills.ts';

// Side by side: they mostly wait for processes, and for time to go by.
it.concurrent.each<[string, readonly string[], number, Compare<never>]>([
  ['split-process-aggregate', ['--records', '250'], 2, compareOutputs],
  // Once: an execution of this example is over after 20 seconds, whatever happens to it.
  ['table-map', [], 1, compareCalls],
  ['student-files', ['--records', '300'], 2, compareStudents],
  ['order-confirmation', ['--machine', 'merge', '--records', '180', '--lines', '60'], 2, compareConfirmationsByHand],
])('%s gives the same when it is killed on the way', async (name, args, kills, compare) => {
  const seed = Date.now() % 1_000_000;
  console.log(`${name}, seed ${seed}`);
  await expectSameWhenKilled({ name, args, kills, seed, compare: compare as Compare<ExampleReport> });
});

it('sees an output that is not the same, and a call that was made twice', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-compared-'));
  try {
    const account = { status: 'SUCCEEDED', error: null, seconds: 1, transitions: 1, filtered: 0, rejected: 0 };
    const ended = (text: string, calls: readonly string[]) => {
      const output = join(directory, String(text.length));
      writeFileSync(output, text);
      return { directory, report: { ...account, read: 2, written: 2, output, calls } };
    };
    const calm = ended('a\nb\n', ['2.000 s  "a"', '4.000 s  "b"']);
    const late = ended('a\nb\n', ['2.000 s  "a"', '9.000 s  "b"']);
    const broken = ended('a\nb\nb\n', ['2.000 s  "a"', '4.000 s  "b"', '6.000 s  "b"']);
    expect(() => compareOutputs(calm, late)).not.toThrow();
    expect(() => compareCalls(calm, late)).not.toThrow();
    expect(() => compareOutputs(calm, broken)).toThrow();
    expect(() => compareCalls(calm, broken)).toThrow();
    const { report } = calm;
    expect(() => compareOutputs(calm, { directory, report: { ...report, written: 1, rejected: 1 } })).toThrow();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
