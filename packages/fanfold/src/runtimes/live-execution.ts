/** A running execution in memory: its image, and what its tasks and timers hold open. */
import { type FrameId, isEnded } from '../interpreter/frame.ts';
import { Image, type ImageStart } from '../interpreter/image.ts';
import type { Machine } from '../interpreter/machine.ts';
import { OpenAttempt } from './open-attempt.ts';
import { PassingMap } from '../passing-map.ts';

export class LiveExecution extends Image {
  readonly machine: Machine;
  /** Resolves once the last commit is durable. */
  saved: Promise<void> = Promise.resolve();
  readonly #open = new PassingMap<string, OpenAttempt>();

  constructor(machine: Machine, start: ImageStart) {
    super(start);
    this.machine = machine;
  }

  /** Whether this attempt of a frame still waits for something. */
  awaits(frame: FrameId, attempt: number): boolean {
    const found = this.frames.get(frame);
    return found?.attempt === attempt && !isEnded(found);
  }

  /** Whether this attempt of a frame still waits for the outcome of its task. */
  awaitsTask(frame: FrameId, attempt: number): boolean {
    const found = this.frames.get(frame);
    return found?.attempt === attempt && found.waiting.kind === 'task';
  }

  /** Whether this attempt of a frame still waits for its map run. */
  awaitsMapRun(frame: FrameId, attempt: number): boolean {
    const found = this.frames.get(frame);
    return found?.attempt === attempt && found.waiting.kind === 'mapRun';
  }

  open(frame: FrameId, attempt: number): OpenAttempt {
    const key = `${frame}:${attempt}`;
    let open = this.#open.get(key);
    if (!open) {
      open = new OpenAttempt();
      this.#open.set(key, open);
    }
    return open;
  }

  /** The outcome is here: what was open is forgotten, its timer disarmed. */
  settle(frame: FrameId, attempt: number): void {
    const key = `${frame}:${attempt}`;
    this.#open.get(key)?.disarmAll();
    this.#open.delete(key);
  }

  /** Nobody awaits the outcome any more. */
  cancel(frame: FrameId, attempt: number): void {
    this.#open.get(`${frame}:${attempt}`)?.cancel();
    this.settle(frame, attempt);
  }

  cancelAll(): void {
    for (const open of this.#open.values()) {
      open.disarmAll();
      open.cancel();
    }
    this.#open.clear();
  }
}
