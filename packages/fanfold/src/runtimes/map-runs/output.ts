/** What a map run gives its Map: the results of its children, or where its ResultWriter has written them. */
import type { Writer } from '../../interpreter/machine.ts';
import { MOST_UNITS } from '../../interpreter/limits.ts';
import { Value } from '../../interpreter/value.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MapRunResult } from '../../ports/map-runs.ts';
import { ResultSinkError, type ResultSinkParams, type ResultSinks } from '../../ports/result-sinks.ts';
import type { Store } from '../../ports/store.ts';
import { MapRunFailure } from './inputs.ts';
import type { LiveMapRun, MapRunEnding } from './live-map-run.ts';
import { resultsInOrder } from './results.ts';
import { described, pendingText, type ResultTexts, succeededTexts } from './written-results.ts';

export interface OutputParams {
  readonly store: Store;
  readonly sinks: ResultSinks;
}

/** The results in the Map's output, where they are not written elsewhere. */
const PLAIN: Writer['config'] = { Transformation: 'COMPACT', OutputType: 'JSON' };

/** Undefined when it is too large for one value. */
export async function outputOf({ store, sinks }: OutputParams, live: LiveMapRun): Promise<Value | undefined> {
  const { run, destination } = live;
  if (destination !== undefined) return Value.ofJson(sinks.location({ parameters: destination, mapRunArn: run.arn }));
  try {
    return await heldOutput(store, live);
  } catch (error) {
    // Of results that are made flat: nested too deeply to be written again.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function heldOutput(store: Store, { run, writer }: LiveMapRun): Promise<Value | undefined> {
  const succeeded = succeededTexts(run, writer?.config ?? PLAIN);
  const failed: ResultTexts = (result) => [described(run, result)];
  const texts: string[] = [];
  let units = 2;
  for await (const results of resultsInOrder(store, run.arn)) {
    const text = results.flatMap((result) => (isSuccess(result) ? succeeded : failed)(result)).join(',');
    units += text.length + 1;
    if (units > MOST_UNITS) return undefined;
    if (text !== '') texts.push(text);
  }
  return Value.ofText(`[${texts.join(',')}]`);
}

function isSuccess({ status }: MapRunResult): boolean {
  return status === 'SUCCEEDED';
}

/** @throws ResultSinkError */
export async function checkWriter({ destination, run }: LiveMapRun, sinks: ResultSinks): Promise<void> {
  if (destination !== undefined) await sinks.check({ parameters: destination, mapRunArn: run.arn });
}

/** Writes files of what succeeded, what failed and what was not begun. @throws ResultSinkError */
export async function writeResults(
  { store, sinks, logger }: OutputParams & { readonly logger: Logger },
  live: LiveMapRun,
  ending: MapRunEnding,
): Promise<void> {
  const { destination, run, writer } = live;
  if (destination === undefined || !writer) return;
  const { succeeded, failed, timedOut, aborted } = run.executions;
  const of = (wanted: (result: MapRunResult) => boolean, texts: ResultTexts) =>
    async function* (): AsyncGenerator<readonly string[]> {
      for await (const results of resultsInOrder(store, run.arn)) yield written(results.filter(wanted), texts);
    };
  // What failed before a redrive and was not begun again since is pending.
  const isFailure = (result: MapRunResult): boolean => !isSuccess(result) && result.redriveCount === run.redriveCount;
  async function* pending(): AsyncGenerator<readonly string[]> {
    try {
      const before = redrivesOf(resultsInOrder(store, run.arn));
      for await (const inputs of live.pending()) {
        const redrives = await before(inputs.map(({ index }) => index));
        yield inputs.map((input, at) => pendingText(run, input, redrives[at] ?? 0));
      }
    } catch (error) {
      if (!(error instanceof MapRunFailure)) throw error;
      // That may be why the run failed. As many are written as can be.
      logger.warn('Not all that a map run had not begun is in its files: its items cannot be read', {
        mapRunArn: run.arn,
        error: error.message,
      });
    }
  }
  const failures = failed + timedOut + aborted;
  const results: ResultSinkParams['results'] = {
    ...(succeeded > 0 && { SUCCEEDED: of(isSuccess, succeededTexts(run, writer.config)) }),
    ...(failures > 0 && { FAILED: of(isFailure, (result) => [described(run, result)]) }),
    ...(ending.kind !== 'succeeded' && { PENDING: pending }),
  };
  const { OutputType: outputType } = writer.config;
  await sinks.write({ parameters: destination, mapRunArn: run.arn, outputType, results });
}

/** @throws ResultSinkError */
function written(results: readonly MapRunResult[], texts: ResultTexts): readonly string[] {
  try {
    return results.flatMap(texts);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ResultSinkError(
      'An output is nested too deeply to be made flat. Use the Transformation NONE or COMPACT.',
    );
  }
}

/** @returns of children, asked for in the order of their indexes, how often each was redriven */
function redrivesOf(
  results: AsyncGenerator<readonly MapRunResult[], void, void>,
): (indexes: readonly number[]) => Promise<readonly number[]> {
  let page: readonly MapRunResult[] = [];
  let at = 0;
  return async (indexes) => {
    const found: number[] = [];
    for (const index of indexes) {
      while ((page[at]?.index ?? -1) < index) {
        if (++at < page.length) continue;
        const next = await results.next();
        if (next.done) break;
        [page, at] = [next.value, 0];
      }
      const result = page[at];
      found.push(result?.index === index ? (result.redrives ?? 0) : 0);
    }
    return found;
  };
}

export async function writerFailure(
  write: () => Promise<void>,
): Promise<Extract<MapRunEnding, { kind: 'failed' }> | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (!(error instanceof ResultSinkError)) throw error;
    return { kind: 'failed', error: WRITER_FAILED, cause: error.message };
  }
}

const WRITER_FAILED = 'States.ResultWriterFailed';

export function isWriterFailure(ending: MapRunEnding): boolean {
  return ending.kind === 'failed' && ending.error === WRITER_FAILED;
}
