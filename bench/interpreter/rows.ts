/** What came out of the runs of one case by one contender, and how it is shown. */
import { CASES, type Case, type CaseName } from './cases.ts';
import type { Measured } from './contender.ts';

export const OURS = 'fanfold';
export const PEER = 'aws-local-stepfunctions';
export type ContenderName = typeof OURS | typeof PEER;

/** It ran out of heap or time; a wrong output is an error of the bench instead. */
export interface Failed {
  readonly failed: string;
}

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export type Row = { readonly case: CaseName; readonly contender: ContenderName; readonly runs: number } & (
  | Failed
  | {
      readonly cpuSeconds: Spread;
      readonly wallSeconds: Spread;
      readonly peakRssMb: Spread;
      readonly transitionsPerCpuSecond: Spread;
    }
);

export function rowOf(name: CaseName, contender: ContenderName, results: readonly (Measured | Failed)[]): Row {
  const base = { case: name, contender, runs: results.length };
  const measured: Measured[] = [];
  for (const result of results) {
    if ('failed' in result) return { ...base, failed: result.failed };
    measured.push(result);
  }
  const { transitions }: Case = CASES[name];
  return {
    ...base,
    cpuSeconds: spread(measured.map((run) => run.cpuSeconds)),
    wallSeconds: spread(measured.map((run) => run.wallSeconds)),
    peakRssMb: spread(measured.map((run) => run.peakRssBytes / 1e6)),
    transitionsPerCpuSecond: spread(measured.map((run) => transitions / run.cpuSeconds)),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** Ours by the peer's: transitions per second of CPU time, medians. */
export function ratioOf(ours: Row, peer: Row): number | undefined {
  if ('failed' in ours || 'failed' in peer) return undefined;
  return ours.transitionsPerCpuSecond.median / peer.transitionsPerCpuSecond.median;
}

/** What one state more costs the 10 MB, milliseconds: they are handed in once, however many states follow. */
export function payloadMsAState(rows: readonly Row[], contender: ContenderName): number | undefined {
  const wall = (name: CaseName): number => {
    const row = rows.find((each) => each.case === name && each.contender === contender);
    return row && !('failed' in row) ? row.wallSeconds.median : Number.NaN;
  };
  const ms = ((wall('payload-20') - wall('payload-1')) * 1000) / 19;
  return Number.isNaN(ms) ? undefined : ms;
}

export const HEADING: string = [
  '| case | contender | CPU s | wall s | peak RSS MB | transitions per CPU s | ratio |',
  '|---|---|---|---|---|---|---|',
].join('\n');

export function lineOf(row: Row, ratio: number | undefined): string {
  const cells =
    'failed' in row
      ? [row.failed, '', '', '', '']
      : [
          textOf(row.cpuSeconds, 3),
          textOf(row.wallSeconds, 3),
          textOf(row.peakRssMb, 0),
          textOf(row.transitionsPerCpuSecond, 0),
          ratio?.toFixed(1) ?? '',
        ];
  return `| ${[CASES[row.case].title, row.contender, ...cells].join(' | ')} |`;
}

function textOf({ min, median, max }: Spread, digits: number): string {
  const [least, middle, most] = [min, median, max].map((value) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return min === max ? `${middle}` : `${middle} (${least}–${most})`;
}
