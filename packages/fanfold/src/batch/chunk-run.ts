/**
 * One chunk from its bytes to what it gives to the sinks: a window of records at a time is validated, looked up,
 * processed and written, always in the order of the input, however long any of them takes.
 */
import type { TableDescription } from '../ports/tables.ts';
import type { ChunkAccount, Counts } from './account.ts';
import type { Batch } from './batch.ts';
import type { ChunkTally } from './chunk-tally.ts';
import { type ChunkWriter, createChunkWriter } from './chunk-writer.ts';
import type { ProcessContext, Sink } from './definition.ts';
import type { FoundFor, LookupsOfRun } from './lookups.ts';
import { type Outcome, processRecord } from './process-record.ts';
import type { RunInput } from './input/run-input.ts';
import type { InputEntry, InputRecord } from './input/read.ts';
import { type CsvRecord, PlainRecord } from '../records/index.ts';
import type { Reject } from './reject.ts';
import type { SinkSettings } from './settings.ts';
import { type FormatOutput, formatOf } from './sink-format.ts';
import type { Validated } from './validator.ts';
import { whenOf } from './when.ts';

export interface ChunkRunParams {
  readonly batch: Batch;
  readonly sinks: readonly SinkSettings[];
  /** The tables of the sinks, by their names. */
  readonly tables: ReadonlyMap<string, TableDescription>;
  readonly input: RunInput;
  readonly tally: ChunkTally;
  /** Called before there is something to be waited for. */
  readonly waits?: () => void;
  /** Records that have ended their worker, counted from 0, and what is said of them. */
  readonly deadly: ReadonlyMap<number, string>;
  readonly unique: {
    /** What no two records may share. */
    readonly names: readonly string[];
    /** Records that have the key of an earlier one, counted from 0, and the line of the first. */
    readonly repeats: ReadonlyMap<number, number>;
  };
  readonly lookups: LookupsOfRun;
  /** What `process` is told beside the record and its place. */
  readonly context: Omit<ProcessContext, 'line' | 'byteOffset' | 'lookups'>;
}

export interface ChunkRun {
  /**
   * @param entries with their places in the input; the list is emptied once they are settled, so that they are garbage even where
   *   somebody waits with the list in his hand
   * @param first which record of the chunk the first of them is, from 0
   */
  add(entries: InputEntry[], first: number): Promise<void>;
  finish(): Finished;
  /** What was finished is put away: its memory may be used again. */
  release(): void;
}

export interface Finished {
  readonly tally: ChunkTally;
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

/**
 * A chunk under way. What is done for a record are functions of the module that are given it, not closures of it: the chunks of a
 * run share what the compiler has made of them.
 */
interface UnderWay {
  readonly params: ChunkRunParams;
  readonly targets: readonly Target[];
  readonly rejects: ChunkWriter;
  readonly counts: { read: number; written: number; filtered: number; rejected: number; emitted: number };
  /** Whether `process` was seen to be asynchronous. */
  isWaiting: boolean;
}

export function createChunkRun(params: ChunkRunParams): ChunkRun {
  const { batch, input, tables, sinks } = params;
  const chunk: UnderWay = {
    params,
    targets: sinks.map((settings, index) =>
      createTarget(formatOf(settings, { tables, build: input.build }), batch.definition.sinks[index]),
    ),
    rejects: createChunkWriter(),
    counts: { read: 0, written: 0, filtered: 0, rejected: 0, emitted: 0 },
    isWaiting: false,
  };
  const { targets, rejects, counts } = chunk;
  return {
    add: (entries, first) => add(chunk, entries, first),
    finish: () => ({ counts, outputs: targets, rejects, tally: params.tally }),
    release: () => {
      for (const { writer } of [...targets, { writer: rejects }]) writer.release();
    },
  };
}

async function add(chunk: UnderWay, entries: InputEntry[], first: number): Promise<void> {
  const { counts, params } = chunk;
  counts.read += entries.length;
  const { settled, begun } = chunk.isWaiting ? { settled: 0 } : settleAtOnce(chunk, entries, first);
  let done = settled;
  if (begun) {
    params.waits?.();
    chunk.isWaiting = true;
    settle(chunk, entries[done++] as InputRecord, await begun);
  }
  if (done < entries.length) {
    params.waits?.();
    await settleWaiting(chunk, entries.slice(done), first + done);
  }
  entries.length = 0;
}

/**
 * Goes through the entries one by one for as long as nothing has to be waited for.
 *
 * @returns how many it has settled, and what the next one has come to where its `process` has begun
 */
function settleAtOnce(
  chunk: UnderWay,
  entries: readonly InputEntry[],
  first: number,
): { readonly settled: number; readonly begun?: Promise<Outcome> } {
  const { input, lookups } = chunk.params;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as InputEntry;
    const before = rejectedBefore(chunk, entry, first + at);
    if (before || entry.kind === 'reject') {
      if (before) reject(chunk, before);
      continue;
    }
    const validated = input.validate(entry);
    if (validated instanceof Promise) return { settled: at };
    if (validated.kind === 'invalid') {
      reject(chunk, rejectOf(entry, 'Invalid', validated.reasons));
      continue;
    }
    const found = lookups.known(validated.record);
    if (!found) return { settled: at };
    const outcome = found.kind === 'rejected' ? found : start(chunk, entry, validated.record, found.values);
    if (outcome instanceof Promise) return { settled: at, begun: outcome };
    settle(chunk, entry, outcome);
  }
  return { settled: entries.length };
}

/** A window of which something has to be waited for: asked for in bulk, and processed side by side. */
async function settleWaiting(chunk: UnderWay, entries: readonly InputEntry[], first: number): Promise<void> {
  const passages: Passage[] = [];
  for (let from = 0; from < entries.length; from += SIDE_BY_SIDE) {
    const slice = entries.slice(from, from + SIDE_BY_SIDE);
    const made = slice.map((entry, at) => passageOf(chunk, entry, first + from + at));
    for (const passage of made) passages.push(passage instanceof Promise ? await passage : passage);
  }
  await processAll(chunk, passages);
}

function passageOf(chunk: UnderWay, entry: InputEntry, index: number): Passage | Promise<Passage> {
  const before = rejectedBefore(chunk, entry, index);
  if (before) return { kind: 'rejected', reject: before };
  // What is no record was rejected before.
  const read = entry as InputRecord;
  const validated = chunk.params.input.validate(read);
  return validated instanceof Promise
    ? validated.then((settled) => validPassage(read, settled))
    : validPassage(read, validated);
}

function validPassage(entry: InputRecord, validated: Validated): Passage {
  if (validated.kind === 'valid') return { kind: 'valid', entry, record: validated.record };
  return { kind: 'rejected', reject: rejectOf(entry, 'Invalid', validated.reasons) };
}

async function processAll(chunk: UnderWay, passages: readonly Passage[]): Promise<void> {
  const valid = passages.filter((passage) => passage.kind === 'valid');
  const found = await chunk.params.lookups.find(valid.map(({ record }) => record));
  let next = 0;
  for (let from = 0; from < passages.length; from += SIDE_BY_SIDE) {
    const slice = passages.slice(from, from + SIDE_BY_SIDE);
    const outcomes = slice.map((passage) => {
      if (passage.kind !== 'valid') return undefined;
      const lookups = found[next++] as FoundFor;
      return lookups.kind === 'rejected' ? lookups : start(chunk, passage.entry, passage.record, lookups.values);
    });
    for (const [index, passage] of slice.entries()) {
      if (passage.kind === 'rejected') reject(chunk, passage.reject);
      else if (passage.kind === 'valid') {
        const outcome = outcomes[index] as Outcome | Promise<Outcome>;
        settle(chunk, passage.entry, outcome instanceof Promise ? await outcome : outcome);
      }
    }
  }
}

function start(
  { params }: UnderWay,
  entry: InputRecord,
  record: object,
  lookups: ProcessContext['lookups'],
): Outcome | Promise<Outcome> {
  const { line, byteOffset } = entry;
  return processRecord(params.batch.definition, record, new RecordContext(params.context, line, byteOffset, lookups));
}

function settle(chunk: UnderWay, entry: InputRecord, outcome: Outcome): void {
  if (outcome.kind === 'rejected') {
    reject(chunk, rejectOf(entry, outcome.code, [{ message: outcome.message }]));
    return;
  }
  const { targets, counts, params } = chunk;
  const written = writeAll(targets, params.tally, outcome.outputs, entry instanceof PlainRecord ? entry : undefined);
  if (written !== undefined) {
    reject(chunk, rejectOf(entry, 'NotWritable', [{ message: written }]));
    return;
  }
  counts.emitted += outcome.outputs.length;
  if (outcome.outputs.length === 0) counts.filtered++;
  else counts.written++;
}

function reject({ params, counts, rejects }: UnderWay, what: Reject): void {
  counts.rejected++;
  params.tally.reject(what);
  rejects.to.text(params.input.rejects.format(what));
}

/** The reject that an entry is before anybody looks into it. */
function rejectedBefore({ params }: UnderWay, entry: InputEntry, index: number): Reject | undefined {
  if (entry.kind === 'reject') {
    const { raw, line, byteOffset, code, reason } = entry;
    const { fields = [], quotedEmpty = [] } = 'fields' in entry ? entry : {};
    const there = { fields, quotedEmpty, cutAt: fields.length };
    return { ...there, text: raw, line, byteOffset, code, reasons: [{ message: reason }] };
  }
  const { deadly, unique } = params;
  return deadly.size > 0 || unique.repeats.size > 0 ? markedReject(params, entry, index) : undefined;
}

function markedReject({ deadly, unique }: ChunkRunParams, entry: InputRecord, index: number): Reject | undefined {
  const first = unique.repeats.get(index);
  if (first !== undefined)
    return rejectOf(entry, 'Repeated', [{ field: unique.names.join(' '), message: `repeats line ${first}` }]);
  const message = deadly.get(index);
  return message === undefined ? undefined : rejectOf(entry, 'Crashed', [{ message }]);
}

function rejectOf(entry: InputRecord, code: string, reasons: Reject['reasons']): Reject {
  const { line, byteOffset } = entry;
  const own = 'fields' in entry ? cellsOf(entry) : { json: entry.text };
  return { ...own, line, byteOffset, code, reasons };
}

function cellsOf({ fields, quotedEmpty, cutAt }: CsvRecord): Pick<Reject, 'fields' | 'quotedEmpty' | 'cutAt'> {
  return { fields, quotedEmpty, ...(cutAt !== undefined && { cutAt }) };
}

/** Made for every record, by a constructor: quicker than to copy what they share. */
class RecordContext implements ProcessContext {
  readonly batch: string;
  readonly run: string;
  readonly line: number;
  readonly byteOffset: number;
  readonly lookups: ProcessContext['lookups'];
  readonly objects: ProcessContext['objects'];
  readonly tables: ProcessContext['tables'];
  readonly signal: AbortSignal;

  constructor(shared: ChunkRunParams['context'], line: number, byteOffset: number, lookups: ProcessContext['lookups']) {
    this.batch = shared.batch;
    this.run = shared.run;
    this.line = line;
    this.byteOffset = byteOffset;
    this.lookups = lookups;
    this.objects = shared.objects;
    this.tables = shared.tables;
    this.signal = shared.signal;
  }
}

/** A sink, and what this chunk has given to it. */
interface Target {
  readonly writer: ChunkWriter;
  readonly format: FormatOutput;
  /** Absent when it takes all. */
  readonly takes: ((output: object) => boolean) | undefined;
  emitted: number;
  /** Its length before the record that is being written, and what it has taken of that. */
  before: number;
  taken: number;
}

function createTarget(format: FormatOutput, sink: Sink<never> | undefined): Target {
  return {
    writer: createChunkWriter(),
    format,
    takes: whenOf(sink),
    emitted: 0,
    before: 0,
    taken: 0,
  };
}

/** Writes the outputs of a record to all sinks or to none. @returns why they cannot be written */
function writeAll(
  targets: readonly Target[],
  tally: ChunkTally,
  outputs: readonly object[],
  from: PlainRecord | undefined,
): string | undefined {
  for (const target of targets) {
    target.before = target.writer.to.length;
    target.taken = 0;
  }
  try {
    for (const target of targets) {
      const { format, writer, takes } = target;
      for (const output of outputs) {
        if (takes && !takes(output)) continue;
        format(output, writer.to, from);
        target.taken++;
      }
    }
    tally.check(outputs);
  } catch (error) {
    for (const { writer, before } of targets) writer.to.rewind(before);
    return error instanceof Error ? error.message : String(error);
  }
  tally.add();
  for (const target of targets) target.emitted += target.taken;
  return undefined;
}

/** The account of a chunk that was run to its end, but for what was put beside its outputs. */
export function accountOf(
  index: number,
  { counts, outputs, rejects }: Finished,
): Omit<ChunkAccount, 'totals' | 'errors'> {
  return {
    index,
    ...counts,
    outputs: outputs.map(({ writer, emitted }) => ({ emitted, ...writer.part() })),
    rejects: counts.rejected > 0 ? rejects.part() : null,
  };
}
