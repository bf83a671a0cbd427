/** The interpreter: one pure, synchronous step. */
export { compileMachine } from './compile.ts';
export type { Command, Outside, StepEvent } from './event.ts';
export type { Execution, ExecutionStatus, Origin } from './execution.ts';
export type { Frame, FrameId } from './frame.ts';
export { type HistoryEvent, type HistoryRecord, renderEvent } from './history.ts';
export type { Machine } from './machine.ts';
export { type StepResult, step } from './step.ts';
export type { ExecutionImage } from './turn.ts';
export { Value } from './value.ts';
