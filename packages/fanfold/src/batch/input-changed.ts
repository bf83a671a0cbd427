import { BatchError } from './errors.ts';

/** The input is not the one any more that the run began with. */
export function inputChanged(key: string, gone: boolean): BatchError {
  return new BatchError(
    'Fanfold.InputChanged',
    gone
      ? `${key} is gone: it was deleted or moved while its run was under way. Nothing was published; drop it again.`
      : `${key} is another file now: it was replaced while its run was under way. Nothing was published; the new file has a run of its own, or drop it again.`,
  );
}
