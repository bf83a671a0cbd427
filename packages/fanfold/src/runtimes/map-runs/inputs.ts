/** From the items of a map run to the inputs of its children: streamed, and the same again each time they are read. */
import type { MapRunRequest } from '../../interpreter/frame.ts';
import { createBatching } from '../../interpreter/batching.ts';
import { itemInput } from '../../interpreter/item-input.ts';
import { countItems, itemsIn } from '../../interpreter/map-items.ts';
import type { Reader } from '../../interpreter/machine.ts';
import type { Value } from '../../interpreter/value.ts';
import { ItemSourceError, type ItemSources, type SourceItem } from '../../ports/item-sources.ts';
import type { MapRun } from '../../ports/map-runs.ts';
import type { ChildInput } from './child.ts';
import type { MapRunScope } from './scope.ts';

/** The run cannot go on: its Map fails with this. */
export class MapRunFailure extends Error {
  override readonly name = 'MapRunFailure';
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

export interface Items {
  /** Null where they cannot change. */
  readonly version: string | null;
  /** How many there are; null where that is known at the end. */
  readonly total: number | null;
  readonly batches: AsyncIterable<readonly SourceItem[]> | Iterable<readonly SourceItem[]>;
}

const READER_FAILED = 'States.ItemReaderFailed';

/** @throws MapRunFailure */
export async function openItems(
  request: MapRunRequest,
  reader: Reader | null,
  sources: ItemSources,
  { source: version, arn: mapRunArn }: Pick<MapRun, 'source' | 'arn'>,
): Promise<Items> {
  const { items, maxItems, reader: parameters } = request;
  if (items) return heldItems(items);
  if (maxItems !== null && maxItems < 0) throw new MapRunFailure(READER_FAILED, 'field MaxItems must be positive');
  const { action = 'getObject', config = {} } = reader ?? {};
  try {
    const opened = await sources.open({ action, config, parameters: parameters?.json ?? {}, version, mapRunArn });
    return { version: opened.version, total: null, batches: inSlices(failing(limited(opened.items, maxItems))) };
  } catch (error) {
    throw asFailure(error);
  }
}

async function* failing(items: AsyncIterable<readonly SourceItem[]>): AsyncGenerator<readonly SourceItem[]> {
  try {
    yield* items;
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  return error instanceof ItemSourceError ? new MapRunFailure(READER_FAILED, error.message) : error;
}

/** Batches of a size that the children of one are gone before the next one comes. */
async function* inSlices(items: AsyncIterable<readonly SourceItem[]>): AsyncGenerator<readonly SourceItem[]> {
  for await (const batch of items) {
    for (let from = 0; from < batch.length; from += BATCH) yield batch.slice(from, from + BATCH);
  }
}

/** 0 is all of them. */
async function* limited(
  items: AsyncIterable<readonly SourceItem[]>,
  most: number | null,
): AsyncGenerator<readonly SourceItem[]> {
  let left = most === null || most === 0 ? Number.POSITIVE_INFINITY : most;
  for await (const batch of items) {
    yield batch.length <= left ? batch : batch.slice(0, left);
    left -= batch.length;
    if (left <= 0) return;
  }
}

const BATCH = 256;

function heldItems(items: Value): Items {
  function* batches(): Generator<readonly SourceItem[]> {
    let batch: SourceItem[] = [];
    for (const { key, value } of itemsIn(items)) {
      batch.push({ value, ...(key !== undefined && { key }), source: 'STATE_DATA' });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  return { version: null, total: countItems(items), batches: batches() };
}

export interface InputsParams {
  readonly run: Pick<MapRun, 'startedAt' | 'seed'>;
  readonly scope: MapRunScope;
}

/** The inputs of all children in their order. @throws MapRunFailure */
export async function* childInputs(items: Items, params: InputsParams): AsyncGenerator<readonly ChildInput[]> {
  const { request, state } = params.scope;
  let number = 0;
  if (!state.batcher) {
    for await (const batch of items.batches)
      yield batch.map((item) => {
        const index = number++;
        return { index, items: 1, input: inputOf(params, item, index) };
      });
    return;
  }
  const batching = createBatching({
    most: request.maxItemsPerBatch ?? undefined,
    bytes: request.maxInputBytesPerBatch ?? undefined,
    batchInput: request.batchInput ?? undefined,
  });
  let index = 0;
  for await (const batch of items.batches)
    yield batch.flatMap((item) => {
      const full = batching.add(inputOf(params, item, number++));
      return full ? [{ index: index++, ...full }] : [];
    });
  const last = batching.end();
  if (last) yield [{ index, ...last }];
}

function inputOf({ run, scope }: InputsParams, item: SourceItem, index: number): Value {
  const outside = { at: run.startedAt, seed: seedOf(run.seed, index), window: 1 };
  const { machine, image, frame } = scope;
  const made = itemInput({ machine, image, frame, outside }, { ...item, index });
  if (made.kind === 'failed') throw new MapRunFailure(made.error, made.cause);
  return made.input;
}

/** Another for each item, the same for the same one. */
function seedOf(seed: number, index: number): number {
  return Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) | 0;
}
