/**
 * Results of map runs: JSON text, an array of arrays, in this order of fields. Results are much alike, so that what is more
 * than a few of them is kept as zstd.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Value } from '../../interpreter/value.ts';
import type { MapRunResult, MapRunResultStatus } from '../../ports/map-runs.ts';

type Packed = readonly [
  index: number,
  items: number,
  status: number,
  output: string | null,
  error: string | null,
  cause: string | null,
  input: string | null,
  startedAt: number,
  /** Milliseconds after that. */
  duration: number,
  redriveCount: number,
  notRedrivable?: string | null,
  redrives?: number,
];

/** Append only: stored results hold the places. */
const STATUSES: readonly MapRunResultStatus[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** In UTF-16 units of text. */
const SHORTEST_COMPRESSED = 512;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function encodeResults(results: readonly MapRunResult[]): string | Uint8Array {
  const text = JSON.stringify(results.map(pack));
  return text.length < SHORTEST_COMPRESSED ? text : zstdCompressSync(text, FAST);
}

function pack(result: MapRunResult): Packed {
  const { index, items, status, output, error, cause, input, startedAt, stoppedAt, redriveCount } = result;
  const { notRedrivable, redrives } = result;
  const place = STATUSES.indexOf(status);
  const texts = [output?.text ?? null, error, cause, input?.text ?? null] as const;
  const times = [startedAt, stoppedAt - startedAt] as const;
  if (redrives !== undefined)
    return [index, items, place, ...texts, ...times, redriveCount, notRedrivable ?? null, redrives];
  if (notRedrivable !== undefined) return [index, items, place, ...texts, ...times, redriveCount, notRedrivable];
  return [index, items, place, ...texts, ...times, redriveCount];
}

/** @throws Error when a result has a status that this version does not know */
export function decodeResults(stored: string | Uint8Array): MapRunResult[] {
  const text = typeof stored === 'string' ? stored : zstdDecompressSync(stored).toString();
  return (JSON.parse(text) as Packed[]).map(
    ([index, items, status, output, error, cause, input, startedAt, duration, redriveCount, ...rest]) => ({
      index,
      items,
      status: statusOf(status),
      output: output === null ? null : Value.ofText(output),
      error,
      cause,
      input: input === null ? null : Value.ofText(input),
      startedAt,
      stoppedAt: startedAt + duration,
      redriveCount,
      ...rarely(rest),
    }),
  );
}

function rarely([notRedrivable, redrives]: readonly [(string | null)?, number?]): Pick<
  MapRunResult,
  'notRedrivable' | 'redrives'
> {
  return {
    ...(typeof notRedrivable === 'string' && { notRedrivable }),
    ...(redrives !== undefined && { redrives }),
  };
}

function statusOf(number: number): MapRunResultStatus {
  const status = STATUSES[number];
  if (!status) throw new Error(`The result of a map run has the unknown status ${number}. Update Fanfold to read it.`);
  return status;
}

/** The lowest index among results. */
export function firstOf(results: readonly MapRunResult[]): number {
  return results.reduce((first, { index }) => Math.min(first, index), Number.POSITIVE_INFINITY);
}
