/**
 * Frames of executions as they are stored. Their Values stand there as texts or by reference. A frame that is out of the
 * ordinary is JSON text, and so are those that earlier versions wrote.
 */
import type { Frame, FrameId, Standing, Waiting } from '../../interpreter/frame.ts';
import type { Value } from '../../interpreter/value.ts';
import { decodeFrameBytes, encodeFrameBytes } from './frame-bytes.ts';
import type { GetValue, Packed, PutValue } from './stored-value.ts';

/** A frame without its id where it is bytes: that stands beside it. */
export type StoredFrame = string | Uint8Array;

export function encodeFrame(frame: Frame, put: PutValue): StoredFrame {
  return encodeFrameBytes(frame, put) ?? encodeFrameText(frame, put);
}

export function decodeFrame(id: FrameId, stored: StoredFrame, get: GetValue): Frame {
  return typeof stored === 'string' ? decodeFrameText(stored, get) : decodeFrameBytes(id, stored, get);
}

/** The text of any frame. */
export function encodeFrameText(frame: Frame, put: PutValue): string {
  const packed: Packed<Frame> = {
    ...frame,
    input: put(frame.input),
    variables: frame.variables && put(frame.variables),
    waiting: packWaiting(frame.waiting, put),
  };
  return JSON.stringify(packed);
}

function decodeFrameText(text: string, get: GetValue): Frame {
  const packed = JSON.parse(text) as Packed<Frame>;
  return {
    ...packed,
    input: get(packed.input),
    variables: packed.variables === null ? null : get(packed.variables),
    waiting: unpackWaiting(packed.waiting, get),
  };
}

function packWaiting(waiting: Waiting, put: PutValue): Packed<Waiting> {
  if (waiting.kind === 'failed' || waiting.kind === 'aborted')
    return { ...waiting, was: packStanding(waiting.was, put) };
  return packStanding(waiting, put);
}

function packStanding(standing: Standing, put: PutValue): Packed<Standing> {
  switch (standing.kind) {
    case 'task':
      return { ...standing, parameters: put(standing.parameters) };
    case 'children':
      return { ...standing, items: standing.items && put(standing.items), input: put(standing.input) };
    case 'mapRun': {
      const { items, reader, batchInput, writer } = standing;
      return {
        ...standing,
        input: put(standing.input),
        items: items && put(items),
        reader: reader && put(reader),
        batchInput: batchInput && put(batchInput),
        writer: writer && put(writer),
      };
    }
    default:
      return standing;
  }
}

function unpackWaiting(packed: Packed<Waiting>, get: GetValue): Waiting {
  if (packed.kind === 'failed' || packed.kind === 'aborted') return { ...packed, was: unpackStanding(packed.was, get) };
  return unpackStanding(packed, get);
}

function unpackStanding(packed: Packed<Standing>, get: GetValue): Standing {
  switch (packed.kind) {
    case 'task':
      return { ...packed, parameters: get(packed.parameters) };
    case 'children':
      return { ...packed, items: packed.items === null ? null : get(packed.items), input: get(packed.input) };
    case 'mapRun': {
      const read = (stored: Packed<Value> | null): Value | null => (stored === null ? null : get(stored));
      const { items, reader, batchInput, writer } = packed;
      return {
        ...packed,
        input: get(packed.input),
        items: read(items),
        reader: read(reader),
        batchInput: read(batchInput),
        writer: read(writer),
      };
    }
    default:
      return packed;
  }
}
