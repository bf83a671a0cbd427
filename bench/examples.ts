/**
 * The published systems beside their published figures, both ways: as their state machines and as a `batch()`.
 *
 *     npm run bench -- examples                         order-intake with 100,000 records, order-confirmation with 1,000,000
 *     npm run bench -- examples --share 0.01            the same with a hundredth of them
 *     npm run bench -- examples table                   records x size of a piece x pieces at once, through the state machine of
 *                                                       order-confirmation; `batch-sizes` is the same of a batch
 *
 * Each run is the example's own command, a process of its own on a new directory, one after the other. CPU is that of this
 * process and of all that it has started. Checked: the account adds up, every record is written but those that are planted,
 * the output has as many lines. `where time goes` is what the histories say: for each state how often it was entered, from when
 * to when it was, and how long all of its turns took together, which is more than the time that went by where they overlap.
 *
 * Not measured: AWS itself (its figures are its authors'), a cold disk, several machines.
 */
import { parseArgs } from 'node:util';
import { published } from './examples/published.ts';
import { table } from './examples/table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    share: { type: 'string', default: '1' },
    records: { type: 'string', default: '200,10000,100000,1000000' },
    pieces: { type: 'string', default: '1000,10000,30000,1000000' },
    concurrency: { type: 'string', default: '1,4,16' },
  },
});

const numbers = (text: string): number[] => text.split(',').map(Number);

if (positionals[0] === 'table')
  await table({
    records: numbers(values.records),
    pieces: numbers(values.pieces),
    concurrency: numbers(values.concurrency),
  });
else await published(Number(values.share));
