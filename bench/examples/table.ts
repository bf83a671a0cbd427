/** The state machine of order-confirmation: records x size of a piece x pieces at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLES, runExample } from './run-example.ts';

export interface TableParams {
  readonly records: readonly number[];
  readonly pieces: readonly number[];
  readonly concurrency: readonly number[];
}

export async function table({ records, pieces: sizes, concurrency }: TableParams): Promise<void> {
  console.log(
    '| records | in a piece | pieces | at once | seconds | records/s | CPU seconds |\n|---|---|---|---|---|---|---|',
  );
  for (const count of records)
    for (const size of upTo(sizes, count)) {
      const pieces = Math.ceil(count / size);
      for (const atOnce of upTo(concurrency, pieces)) {
        const { seconds, cpuSeconds } = await one(count, size, atOnce);
        const cells = [
          count,
          size,
          pieces,
          atOnce,
          seconds.toFixed(1),
          Math.round(count / seconds),
          cpuSeconds.toFixed(1),
        ];
        console.log(`| ${cells.map((cell) => cell.toLocaleString('en-US')).join(' | ')} |`);
      }
    }
}

/** Those below the limit, and the first that reaches it: beyond that nothing changes. */
function upTo(all: readonly number[], limit: number): readonly number[] {
  const sorted = all.toSorted((a, b) => a - b);
  const enough = sorted.findIndex((one) => one >= limit);
  return enough === -1 ? sorted : sorted.slice(0, enough + 1);
}

async function one(records: number, lines: number, concurrency: number) {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-bench-'));
  try {
    const size = ['--records', String(records), '--lines', String(lines), '--concurrency', String(concurrency)];
    return await runExample(
      join(EXAMPLES, 'order-confirmation', 'run.ts'),
      ['--directory', directory, ...size],
      records,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
