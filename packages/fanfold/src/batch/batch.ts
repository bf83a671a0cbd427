/** `batch({...})`: a checked definition of a batch, and the settings that its state machine is made of. */
import type { AnyDefinition } from './any-definition.ts';
import type { BatchDefinition, Lookups, NotifyDefinition, Output, SkipLimit } from './definition.ts';
import type { RecordOf, Schema } from './schema.ts';
import type { BatchSettings } from './settings.ts';
import { outputSinks, totalsSettings } from './sink-settings.ts';
import { findProblems } from './problems.ts';
import { defaultRejects, type InputFormat, suffixesOf } from './input/format.ts';

/** A batch, as the module of a batch exports it. */
export interface Batch {
  /** Tells a batch from anything else that a module may export, whichever copy of the library made it. */
  readonly kind: 'fanfold.batch';
  readonly name: string;
  /** As it was written, its types forgotten. */
  readonly definition: AnyDefinition;
  readonly settings: BatchSettings;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly notify: NotifyDefinition;
  /** What starts it. */
  readonly trigger: {
    readonly bucket: string;
    readonly prefix?: string;
    readonly suffix: readonly string[];
    readonly order?: 'sequential' | 'folder' | 'key';
    readonly marker?: string;
    readonly archive?: string;
    readonly error?: string;
  };
}

const CHUNK = { records: 20_000, bytes: 8_388_608, timeoutSeconds: 900 } as const;
const CONCURRENCY = 4;

/**
 * Defines a batch: a file is split into chunks, their records are validated and processed side by side, and what comes of
 * them is folded into one output in the order of the input.
 *
 * @throws Error that lists everything that is wrong with it
 */
export function batch<
  const S extends Schema | undefined = undefined,
  F extends InputFormat = 'csv',
  Out extends Output = RecordOf<S, F> & object,
  L extends Lookups = Record<never, never>,
>(definition: BatchDefinition<S, Out, L, F>): Batch {
  const known = definition as unknown as AnyDefinition;
  const problems = [...findProblems(known)];
  if (problems.length > 0)
    throw new Error([`The batch ${JSON.stringify(known.name)} cannot run:`, ...problems].join('\n  '));
  const { source, chunk = {}, notify = {}, skipLimit = {} } = known;
  const { bucket, prefix, marker, archive, error } = source;
  const format = source.format ?? 'csv';
  return {
    kind: 'fanfold.batch',
    name: known.name,
    definition: known,
    settings: {
      source: {
        bucket,
        format,
        delimiter: source.delimiter ?? ',',
        ...(source.quote !== undefined && { quote: source.quote }),
        ...(source.encoding !== undefined && { encoding: source.encoding }),
        ...(source.maxRecordBytes !== undefined && { maxRecordBytes: source.maxRecordBytes }),
        ...(source.columns && { columns: source.columns }),
        ...(source.rules && { rules: source.rules }),
        ...(source.pointer !== undefined && { pointer: source.pointer }),
        sameFile: source.sameFile ?? 'run',
      },
      chunk: { records: chunk.records ?? CHUNK.records, bytes: chunk.bytes ?? CHUNK.bytes },
      ...(known.unique && { unique: known.unique }),
      sinks: outputSinks(known),
      totals: totalsSettings(known),
      rejects: {
        bucket: known.rejects?.bucket ?? bucket,
        object: known.rejects?.object ?? defaultRejects(format),
        ...(known.rejects?.table !== undefined && { table: known.rejects.table }),
      },
      skipLimit: limitOf(skipLimit),
      onChunkFailure: known.onChunkFailure ?? 'keep',
    },
    concurrency: known.concurrency ?? CONCURRENCY,
    timeoutSeconds: chunk.timeoutSeconds ?? CHUNK.timeoutSeconds,
    notify,
    trigger: {
      bucket,
      suffix: suffixesOf(source),
      ...(source.order !== undefined && { order: source.order }),
      ...(prefix !== undefined && { prefix }),
      ...(marker !== undefined && { marker }),
      ...(archive !== undefined && { archive }),
      ...(error !== undefined && { error }),
    },
  };
}

export function isBatch(value: unknown): value is Batch {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'fanfold.batch';
}

/** No limit given is the limit 0; a percentage alone is the only limit. */
function limitOf({ records, percent }: SkipLimit): BatchSettings['skipLimit'] {
  if (records === undefined && percent === undefined) return { records: 0 };
  return { ...(records !== undefined && { records }), ...(percent !== undefined && { percent }) };
}
