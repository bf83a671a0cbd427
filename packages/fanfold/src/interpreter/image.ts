/** An execution as it stands, in memory: what a step is given, and what its result is applied to. */
import { ChildOutputs } from './child-outputs.ts';
import type { Execution } from './execution.ts';
import type { Frame, FrameId } from './frame.ts';
import type { StepResult } from './step.ts';
import type { ChildResult, ExecutionImage } from './turn.ts';
import type { Value } from './value.ts';
import { PassingMap } from '../passing-map.ts';

/** What a step changes of an image. */
export type ImageChange = Pick<StepResult, 'execution' | 'frames' | 'outputs' | 'droppedForks'>;

export interface ImageStart {
  readonly execution: Execution;
  readonly frames?: ReadonlyMap<FrameId, Frame>;
  readonly outputs?: readonly ChildResult[];
}

export class Image implements ExecutionImage {
  execution: Execution;
  readonly frames: PassingMap<FrameId, Frame>;
  readonly #outputs = new ChildOutputs();

  /** @param start an execution that has not begun, or one as it was loaded */
  constructor({ execution, frames = new Map(), outputs = [] }: ImageStart) {
    this.execution = execution;
    this.frames = new PassingMap(frames);
    for (const output of outputs) this.#outputs.keep(output);
  }

  output(fork: string, index: number): Value | undefined {
    return this.#outputs.get(fork, index);
  }

  /** Outputs of children whose parents have not folded yet, by fork and index. */
  outputs(): ChildResult[] {
    return this.#outputs.all();
  }

  apply({ execution, frames, outputs, droppedForks }: ImageChange): void {
    this.execution = execution;
    for (const [id, frame] of frames) {
      if (frame) this.frames.set(id, frame);
      else this.frames.delete(id);
    }
    for (const output of outputs) this.#outputs.keep(output);
    for (const fork of droppedForks) this.#outputs.drop(fork);
  }
}
