/** What the state machine of a batch gives to its functions, and where a run's file is named in its input. */
import { isArray, isObject, type Json, member } from '../json.ts';
import type { ChunkPart, TotalsAccount } from './account.ts';
import { BatchError } from './errors.ts';
import type { ChunkRange, SourceInfo } from './manifest.ts';
import type { BatchSettings } from './settings.ts';

export interface RunEvent {
  readonly batch: string;
  readonly run: string;
  readonly settings: BatchSettings;
}

export interface SplitEvent extends RunEvent {
  /** The input of the execution. */
  readonly input: Json;
}

export interface ChunkEvent extends RunEvent {
  readonly source: SourceInfo;
  readonly chunk: ChunkRange;
  /** Records of the chunk, counted from 0, that have ended their worker. */
  readonly deadly?: readonly Deadly[];
  /** Only to see whether these records end their worker: nothing of them is kept. */
  readonly only?: { readonly from: number; readonly to: number };
}

export interface Deadly {
  readonly record: number;
  readonly error: string;
  /** Absent where there is none, such as of a timeout. */
  readonly cause?: string | null;
}

export interface FoldEvent extends RunEvent {
  readonly source: SourceInfo;
}

/** What becomes of a whole run, or of one of its chunks, once its totals are made. */
export interface StoreEvent extends FoldEvent {
  /** Absent: what is not of one chunk. */
  readonly chunk?: ChunkRange;
  /** Several that are loaded together, in the order of the manifest. */
  readonly items?: readonly { readonly chunk: ChunkRange }[];
  /** In the order of the batch's totals. */
  readonly totals: readonly TotalsResult[];
}

export interface TotalsResult extends TotalsAccount, ChunkPart {}

export interface SourceRef {
  readonly bucket: string;
  readonly key: string;
  /** Of the version that the event is about. */
  readonly eTag?: string;
}

/**
 * The file that a run is about: of an S3 notification, of EventBridge's "Object Created", or `{"bucket","key"}`, which may have
 * an `eTag`, as the files of a manifest have.
 *
 * @throws BatchError Fanfold.BadInput
 */
export function sourceOf(input: Json): SourceRef {
  const found = isObject(input) ? (fromNotification(input) ?? fromEventBridge(input) ?? plain(input)) : undefined;
  if (found) return found;
  throw new BatchError(
    'Fanfold.BadInput',
    `The input ${shorten(JSON.stringify(input))} names no file. Give {"bucket": "…", "key": "…"}, or the event of a bucket.`,
  );
}

type Node = { readonly [key: string]: Json };

function fromNotification(input: Node): SourceRef | undefined {
  const records = member(input, 'Records');
  if (!isArray(records)) return undefined;
  if (records.length > 1)
    throw new BatchError(
      'Fanfold.BadInput',
      `The event names ${records.length} objects, and a run is about one. Start a run for each.`,
    );
  const s3 = inner(records[0], 's3');
  const bucket = inner(inner(s3, 'bucket'), 'name');
  const key = inner(inner(s3, 'object'), 'key');
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined;
  return { bucket, key: decodeKey(key), ...versionOf(inner(inner(s3, 'object'), 'eTag')) };
}

function fromEventBridge(input: Node): SourceRef | undefined {
  const detail = member(input, 'detail');
  const bucket = inner(inner(detail, 'bucket'), 'name');
  const key = inner(inner(detail, 'object'), 'key');
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined;
  return { bucket, key, ...versionOf(inner(inner(detail, 'object'), 'etag')) };
}

function plain(input: Node): SourceRef | undefined {
  const bucket = member(input, 'bucket');
  const key = member(input, 'key');
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined;
  return { bucket, key, ...versionOf(member(input, 'eTag')) };
}

function versionOf(eTag: Json | undefined): { readonly eTag?: string } {
  return typeof eTag === 'string' ? { eTag } : {};
}

/** Keys in notifications are percent-encoded, a space is a `+`. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw new BatchError(
      'Fanfold.BadInput',
      `The key ${JSON.stringify(key)} of the event is not percent-encoded UTF-8.`,
    );
  }
}

function inner(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) ? member(value, key) : undefined;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
