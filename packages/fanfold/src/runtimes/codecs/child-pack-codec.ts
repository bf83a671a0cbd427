/**
 * Children of a map run that are kept together, once they have ended: a JSON array of what there is of each, and their
 * histories and frames behind it, in the same order, all as zstd. Children are so much alike that one takes a few dozen bytes.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Execution } from '../../interpreter/execution.ts';
import type { FrameId } from '../../interpreter/frame.ts';
import type { StoredFrame } from './frame-codec.ts';
import type { Packed } from './stored-value.ts';

export interface PackedChild {
  readonly index: number;
  /** The row that it had, or would have: decides among those that began in the same millisecond. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** Runs of its history as they are stored, in their order. */
  readonly history: readonly Uint8Array[];
  /** What a failure has left, for a redrive. */
  readonly frames: readonly PackedFrame[];
}

export interface PackedFrame {
  readonly id: FrameId;
  readonly frame: StoredFrame;
}

/** Ready to be packed: `header` is the text of it, with all values in place. */
export interface ChildToPack extends PackedChild {
  readonly header: string;
}

export interface UnpackedChild extends PackedChild {
  readonly header: Packed<Execution>;
}

type Entry = readonly [
  index: number,
  id: number,
  startedAt: number,
  /** Milliseconds after that. */
  duration: number,
  /** Lengths in bytes. */
  history: readonly number[],
  header: Packed<Execution>,
  /** Absent where there are none. A frame that is bytes stands behind the histories: here is its length. */
  frames?: readonly (readonly [FrameId, string | number])[],
];

/** Bytes before the array, which hold its length. */
const PREFIX = 4;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

export function encodeChildren(children: readonly ChildToPack[]): Uint8Array {
  const entries = children.map(({ index, id, startedAt, stoppedAt, history, header, frames }) => {
    const lengths = history.map(({ length }) => length).join();
    const standing = frames.map(({ id, frame }) => [id, typeof frame === 'string' ? frame : frame.length]);
    const tail = frames.length > 0 ? `,${JSON.stringify(standing)}` : '';
    return `[${index},${id},${startedAt},${stoppedAt - startedAt},[${lengths}],${header}${tail}]`;
  });
  const text = Buffer.from(`[${entries.join()}]`);
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(text.length);
  const bytes = children.flatMap(({ history, frames }) => [
    ...history,
    ...frames.flatMap(({ frame }) => (typeof frame === 'string' ? [] : [frame])),
  ]);
  return zstdCompressSync(Buffer.concat([prefix, text, ...bytes]), LEVEL);
}

export function decodeChildren(stored: Uint8Array): UnpackedChild[] {
  const bytes = zstdDecompressSync(stored);
  let place = PREFIX + bytes.readUInt32LE();
  const entries = JSON.parse(bytes.toString('utf8', PREFIX, place)) as Entry[];
  const cut = (length: number): Uint8Array => {
    place += length;
    return bytes.subarray(place - length, place);
  };
  return entries.map(([index, id, startedAt, duration, lengths, header, standing = []]) => {
    const history = lengths.map(cut);
    const frames = standing.map(([id, frame]) => ({ id, frame: typeof frame === 'string' ? frame : cut(frame) }));
    return { index, id, startedAt, stoppedAt: startedAt + duration, history, header, frames };
  });
}
