/**
 * One chunk from its bytes to what it gives to the sinks: a window of records at a time is validated, looked up,
 * processed and written, always in the order of the input, however long any of them takes.
 */
import type { TableDescription } from '../ports/tables.ts';
import type { ChunkAccount, Counts } from './account.ts';
import type { Batch } from './batch.ts';
import { type ChunkWriter, createChunkWriter } from './chunk-writer.ts';
import type { ProcessContext, Sink } from './definition.ts';
import type { FoundFor, LookupsOfRun } from './lookups.ts';
import { type Outcome, processRecord } from './process-record.ts';
import type { RunInput } from './input/run-input.ts';
import type { InputEntry, InputRecord } from './input/read.ts';
import type { Reject } from './reject.ts';
import type { SinkSettings } from './settings.ts';
import { type FormatOutput, formatOf } from './sink-format.ts';
import type { Validated } from './validator.ts';

export interface ChunkRunParams {
  readonly batch: Batch;
  readonly sinks: readonly SinkSettings[];
  /** The tables of the sinks, by their names. */
  readonly tables: ReadonlyMap<string, TableDescription>;
  readonly input: RunInput;
  /** Records that have ended their worker, counted from 0, and what is said of them. */
  readonly deadly: ReadonlyMap<number, string>;
  readonly lookups: LookupsOfRun;
  /** What `process` is told beside the record and its place. */
  readonly context: Omit<ProcessContext, 'line' | 'byteOffset' | 'lookups'>;
}

export interface ChunkRun {
  /**
   * @param entries with their places in the input
   * @param first which record of the chunk the first of them is, from 0
   */
  add(entries: readonly InputEntry[], first: number): Promise<void>;
  finish(): Finished;
}

export interface Finished {
  readonly counts: Counts;
  readonly outputs: readonly { readonly writer: ChunkWriter; readonly emitted: number }[];
  readonly rejects: ChunkWriter;
}

/** Records that are processed side by side, where `process` is asynchronous. */
const SIDE_BY_SIDE = 64;

/** A record of the window on its way. */
type Passage =
  | { readonly kind: 'valid'; readonly entry: InputRecord; readonly record: object }
  | { readonly kind: 'rejected'; readonly reject: Reject };

export function createChunkRun(params: ChunkRunParams): ChunkRun {
  const { batch, input } = params;
  const targets = params.sinks.map((settings, index) =>
    createTarget(formatOf(settings, params.tables), batch.definition.sinks[index]),
  );
  const rejects = createChunkWriter();
  const counts = { read: 0, written: 0, filtered: 0, rejected: 0, emitted: 0 };

  const reject = (what: Reject): void => {
    counts.rejected++;
    rejects.write(input.rejects.format(what));
  };
  const settle = (entry: InputRecord, outcome: Outcome): void => {
    if (outcome.kind === 'rejected') {
      reject(rejectOf(entry, outcome.code, [{ message: outcome.message }]));
      return;
    }
    const written = writeAll(targets, outcome.outputs);
    if (written !== undefined) {
      reject(rejectOf(entry, 'NotWritable', [{ message: written }]));
      return;
    }
    counts.emitted += outcome.outputs.length;
    if (outcome.outputs.length === 0) counts.filtered++;
    else counts.written++;
  };
  const processAll = async (passages: readonly Passage[]): Promise<void> => {
    const valid = passages.filter((passage) => passage.kind === 'valid');
    const found = await params.lookups.find(valid.map(({ record }) => record));
    let next = 0;
    for (let from = 0; from < passages.length; from += SIDE_BY_SIDE) {
      const slice = passages.slice(from, from + SIDE_BY_SIDE);
      const outcomes = slice.map((passage) => {
        if (passage.kind !== 'valid') return undefined;
        const { line, byteOffset } = passage.entry;
        const lookups = found[next++] as FoundFor;
        if (lookups.kind === 'rejected') return lookups;
        return processRecord(batch.definition, passage.record, {
          ...params.context,
          line,
          byteOffset,
          lookups: lookups.values,
        });
      });
      for (const [index, passage] of slice.entries()) {
        if (passage.kind === 'rejected') reject(passage.reject);
        else if (passage.kind === 'valid') {
          const outcome = outcomes[index] as Outcome | Promise<Outcome>;
          settle(passage.entry, outcome instanceof Promise ? await outcome : outcome);
        }
      }
    }
  };

  return {
    add: async (entries, first) => {
      counts.read += entries.length;
      const passages: Passage[] = [];
      for (const [at, entry] of entries.entries()) {
        const index = first + at;
        if (entry.kind === 'reject') {
          const { raw, line, byteOffset, code, reason } = entry;
          const reject: Reject = { text: raw, line, byteOffset, code, reasons: [{ message: reason }] };
          passages.push({ kind: 'rejected', reject });
          continue;
        }
        const deadly = params.deadly.get(index);
        if (deadly !== undefined) {
          passages.push({ kind: 'rejected', reject: rejectOf(entry, 'Crashed', [{ message: deadly }]) });
          continue;
        }
        const validated = input.validate(entry);
        passages.push(passageOf(entry, validated instanceof Promise ? await validated : validated));
      }
      await processAll(passages);
      rejects.flush();
      for (const { writer } of targets) writer.flush();
    },
    finish: () => ({ counts, outputs: targets, rejects }),
  };
}

function passageOf(entry: InputRecord, validated: Validated): Passage {
  if (validated.kind === 'valid') return { kind: 'valid', entry, record: validated.record };
  return { kind: 'rejected', reject: rejectOf(entry, 'Invalid', validated.reasons) };
}

function rejectOf(entry: InputRecord, code: string, reasons: Reject['reasons']): Reject {
  const { line, byteOffset } = entry;
  return { ...('fields' in entry ? { fields: entry.fields } : { json: entry.text }), line, byteOffset, code, reasons };
}

/** A sink, and what this chunk has given to it. */
interface Target {
  readonly writer: ChunkWriter;
  readonly format: FormatOutput;
  takes(output: object): boolean;
  emitted: number;
}

function createTarget(format: FormatOutput, sink: Sink<never> | undefined): Target {
  const when = sink?.when as ((output: object) => boolean) | undefined;
  return {
    writer: createChunkWriter(),
    format,
    takes: (output) => (when ? when.call(sink, output) : true),
    emitted: 0,
  };
}

/** Writes the outputs of a record to all sinks or to none. @returns why they cannot be written */
function writeAll(targets: readonly Target[], outputs: readonly object[]): string | undefined {
  const texts: string[][] = [];
  try {
    for (const { takes, format } of targets)
      texts.push(outputs.flatMap((output) => (takes(output) ? [format(output)] : [])));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  for (const [index, target] of targets.entries()) {
    const own = texts[index] as readonly string[];
    target.emitted += own.length;
    for (const text of own) target.writer.write(text);
  }
  return undefined;
}

/** The account of a chunk that was run to its end. */
export function accountOf(index: number, { counts, outputs, rejects }: Finished): ChunkAccount {
  return {
    index,
    ...counts,
    outputs: outputs.map(({ writer, emitted }) => ({ emitted, bytes: writer.bytes, sha256: writer.sha256() })),
    rejectsSha256: counts.rejected > 0 ? rejects.sha256() : null,
  };
}
