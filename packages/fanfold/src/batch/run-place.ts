/**
 * Where a run keeps its objects, in the bucket of its source. Everything is named after the run and the chunk, so that
 * what is done again, after a retry or a crash, writes the same bytes to the same places.
 *
 *     .fanfold/<batch>/<run>/input                the text of an input that is compressed or Parquet
 *     .fanfold/<batch>/<run>/manifest.json        the chunks, in order
 *     .fanfold/<batch>/<run>/chunks/<n>.json      the account of a chunk; it is there once the chunk is done
 *     .fanfold/<batch>/<run>/chunks/<n>.<sink>    what the chunk gives to a sink
 *     .fanfold/<batch>/<run>/chunks/<n>.rejects   its rejects
 *     .fanfold/<batch>/<run>/chunks/<n>.errors    what a table gets of its rejects
 *     .fanfold/<batch>/<run>/chunks/<n>.t<t>      its part of totals
 *     .fanfold/<batch>/<run>/chunks/<n>.b<sink>   what its items replace in a table
 *     .fanfold/<batch>/<run>/chunks/<n>.repeats   which of its records have the key of an earlier one
 *     .fanfold/<batch>/<run>/sorted/<name>        what is sorted while the input is split, as far as memory does not hold it
 *     .fanfold/<batch>/<run>/maps/<map run>/…     what the executions of its chunks came to
 *     .fanfold/<batch>/<run>/totals/<t>           totals of all chunks, on the way there with `.<level>.<n>`
 *     .fanfold/<batch>/<run>/accounts.json        the accounts of all chunks, in order, once their own objects are gone
 *     .fanfold/<batch>/<run>/account.json         the account of the run; it is there once the run was published
 *     .fanfold/<batch>/published/<sha256>.json    which run has published a file of this content
 */
import type { ObjectRef } from '../ports/objects.ts';
import { PACKED_SUFFIXES } from './input/format.ts';

/** What may stand in the key of an output. */
export const PLACES: readonly string[] = ['{file}', '{stem}', '{run}', '{batch}'];

export interface RunPlace {
  readonly input: ObjectRef;
  readonly manifest: ObjectRef;
  readonly account: ObjectRef;
  /**
   * With the manifest they say which bytes of each output came of which bytes of the input: what it takes to put corrected
   * records where they belong.
   */
  readonly accounts: ObjectRef;
  /** What all chunks' objects begin with. */
  readonly chunks: string;
  chunkAccount(index: number): ObjectRef;
  chunkOutput(index: number, sink: number): ObjectRef;
  chunkRejects(index: number): ObjectRef;
  chunkErrors(index: number): ObjectRef;
  chunkTotals(index: number, totals: number): ObjectRef;
  chunkReplaced(index: number, sink: number): ObjectRef;
  chunkRepeats(index: number): ObjectRef;
  /** What all sorted objects begin with. */
  readonly allSorted: string;
  sorted(name: string): ObjectRef;
  /** What the results of all map runs begin with. */
  readonly maps: string;
  /** What all totals' objects begin with. */
  readonly allTotals: string;
  totals(totals: number): ObjectRef;
  totalsStep(totals: number, level: number, step: number): ObjectRef;
  published(sha256: string): ObjectRef;
}

export function runPlace(bucket: string, batch: string, run: string): RunPlace {
  const base = `.fanfold/${batch}`;
  const chunks = `${base}/${run}/chunks/`;
  const maps = `${base}/${run}/maps/`;
  const allSorted = `${base}/${run}/sorted/`;
  const allTotals = `${base}/${run}/totals/`;
  const ref = (key: string): ObjectRef => ({ bucket, key });
  const chunk = (index: number): string => chunks + String(index).padStart(7, '0');
  return {
    input: ref(`${base}/${run}/input`),
    manifest: ref(`${base}/${run}/manifest.json`),
    account: ref(`${base}/${run}/account.json`),
    accounts: ref(`${base}/${run}/accounts.json`),
    chunks,
    chunkAccount: (index) => ref(`${chunk(index)}.json`),
    chunkOutput: (index, sink) => ref(`${chunk(index)}.${sink}`),
    chunkRejects: (index) => ref(`${chunk(index)}.rejects`),
    chunkErrors: (index) => ref(`${chunk(index)}.errors`),
    chunkTotals: (index, totals) => ref(`${chunk(index)}.t${totals}`),
    chunkReplaced: (index, sink) => ref(`${chunk(index)}.b${sink}`),
    maps,
    chunkRepeats: (index) => ref(`${chunk(index)}.repeats`),
    allSorted,
    sorted: (name) => ref(allSorted + name),
    allTotals,
    totals: (totals) => ref(allTotals + totals),
    totalsStep: (totals, level, step) => ref(`${allTotals}${totals}.${level}.${step}`),
    published: (sha256) => ref(`${base}/published/${sha256}.json`),
  };
}

export interface Naming {
  readonly batch: string;
  readonly run: string;
  /** Key of the input. */
  readonly key: string;
}

/** The key of an output, its places filled in. */
export function outputKey(template: string, { batch, run, key }: Naming): string {
  const file = key.slice(key.lastIndexOf('/') + 1);
  const packed = Object.values(PACKED_SUFFIXES).find((suffix) => file.endsWith(suffix)) ?? '';
  const bare = file.slice(0, file.length - packed.length);
  const dot = bare.lastIndexOf('.');
  const values: Readonly<Record<string, string>> = {
    '{file}': file,
    '{stem}': dot > 0 ? bare.slice(0, dot) : bare || file,
    '{run}': run,
    '{batch}': batch,
  };
  return template.replace(/\{[^}]*\}/g, (place) => values[place] ?? place);
}
