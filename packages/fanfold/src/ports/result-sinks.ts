/** Where a ResultWriter writes. */
import type { Json } from '../json.ts';

export type ResultFileStatus = 'SUCCEEDED' | 'FAILED' | 'PENDING';

export interface ResultSinkParams {
  /** The writer's Parameters or Arguments. */
  readonly parameters: Json;
  readonly mapRunArn: string;
  readonly outputType: 'JSON' | 'JSONL';
  /** JSON texts in the order of the items, many at a time; only of what there is. */
  readonly results: Readonly<Partial<Record<ResultFileStatus, () => AsyncIterable<readonly string[]>>>>;
}

export interface ResultSinks {
  /** Whether it could be written there. @throws ResultSinkError */
  check(params: Pick<ResultSinkParams, 'parameters' | 'mapRunArn'>): Promise<void>;
  /** Writes everything, over what was there of the same run. @throws ResultSinkError */
  write(params: ResultSinkParams): Promise<void>;
  /** What the Map gives in place of the results. @throws ResultSinkError */
  location(params: Pick<ResultSinkParams, 'parameters' | 'mapRunArn'>): Json;
}

/** The results cannot be written: the Map fails with States.ResultWriterFailed and this message. */
export class ResultSinkError extends Error {
  override readonly name = 'ResultSinkError';
}
