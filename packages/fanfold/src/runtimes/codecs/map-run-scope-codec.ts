/** An execution and some of its frames as one JSON text that needs nothing else: what a map run is made from. */
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import type { ImageStart } from '../../interpreter/image.ts';
import { Value } from '../../interpreter/value.ts';
import { decodeFrame, encodeFrameText } from './frame-codec.ts';
import { columnsOf, decodeExecution, encodeExecution, type HeaderColumns } from './header-codec.ts';

interface StoredScope {
  readonly columns: HeaderColumns;
  readonly execution: string;
  readonly frames: readonly (readonly [FrameId, string])[];
}

export function encodeMapRunScope({ execution, frames = new Map() }: ImageStart): string {
  const stored: StoredScope = {
    columns: columnsOf(execution),
    execution: encodeExecution(execution, textOf),
    frames: [...frames].map(([id, frame]) => [id, encodeFrameText(frame, textOf)]),
  };
  return JSON.stringify(stored);
}

export function decodeMapRunScope(text: string): Required<Pick<ImageStart, 'execution' | 'frames'>> {
  const { columns, execution, frames } = JSON.parse(text) as StoredScope;
  return {
    execution: decodeExecution(columns, execution, valueOf),
    frames: new Map(frames.map(([id, frame]): [FrameId, Frame] => [id, decodeFrame(id, frame, valueOf)])),
  };
}

function textOf(value: Value): string {
  return value.text;
}

/** Nothing is kept apart. */
function valueOf(stored: string | number): Value {
  return Value.ofText(String(stored));
}
