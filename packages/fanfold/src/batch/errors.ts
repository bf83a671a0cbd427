/** Errors of a run, by the names that its state machine sees. */

export type BatchErrorName =
  | 'Fanfold.BadInput'
  | 'Fanfold.BadFile'
  | 'Fanfold.InputChanged'
  | 'Fanfold.SameFile'
  | 'Fanfold.SkipLimitExceeded'
  | 'Fanfold.DoesNotAddUp'
  | 'Fanfold.ChunkDamaged'
  | 'Fanfold.BadModule'
  | 'Fanfold.SinkUnavailable'
  | 'Fanfold.SinkRefused';

export class BatchError extends Error {
  override readonly name: BatchErrorName;

  constructor(name: BatchErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
