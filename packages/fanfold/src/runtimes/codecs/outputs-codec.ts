/** A run of one fork's outputs as compact bytes ({@link ByteWriter}): of each its index, and its value. */
import type { ChildOutput } from '../../ports/store.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type GetValue, type PutValue, readStored, type StoredValue, writeStored } from './stored-value.ts';

/** @param outputs all of one fork, each with an index that is a whole number */
export function encodeOutputs(outputs: readonly ChildOutput[], put: PutValue): Buffer {
  const writer = new ByteWriter(16 + 6 * outputs.length);
  for (const { index, value } of outputs) {
    writer.number(index);
    writeStored(writer, put(value));
  }
  return writer.take();
}

/** @param stored what {@link encodeOutputs} gave, or the JSON of earlier versions */
export function decodeOutputs(fork: string, stored: Uint8Array | string, get: GetValue): ChildOutput[] {
  if (typeof stored === 'string') {
    const run = JSON.parse(stored) as (readonly [index: number, value: StoredValue])[];
    return run.map(([index, value]) => ({ fork, index, value: get(value) }));
  }
  const reader = new ByteReader(stored);
  const outputs: ChildOutput[] = [];
  while (!reader.atEnd) outputs.push({ fork, index: reader.number(), value: get(readStored(reader)) });
  return outputs;
}
