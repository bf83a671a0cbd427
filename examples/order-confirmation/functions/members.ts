/** The pieces of a run that are to be done. */
import type { FunctionHandler } from 'fanfold';
import { progressOf } from '../orders/progress.ts';

export const handler: FunctionHandler<{ readonly StatusKey: string }, readonly string[]> = ({ StatusKey }) =>
  progressOf(StatusKey).members();
