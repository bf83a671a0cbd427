import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import type { ByteSource } from '../byte-source.ts';
import { RecordError } from '../record-error.ts';
import { failureOf, gather, inPieces } from '../../testing/records/streams.ts';
import { readParquet } from './read.ts';

function source(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (start, end) => inPieces(bytes.subarray(start, end), 1000) };
}

function file(rows: number, rowGroupSize: number = 1000): Buffer {
  const ids = Array.from({ length: rows }, (_, index) => index);
  const columnData = [
    { name: '__proto__', data: ids.map(BigInt), type: 'INT64' as const },
    { name: 'name', data: ids.map((id) => `n${id}`), type: 'STRING' as const },
  ];
  return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
}

it('reads the records of all row groups in a thread of its own', async () => {
  const records = await gather(readParquet(source(file(2500)), { batchRecords: 300 }));
  expect(records.map(({ index }) => index)).toEqual(Array.from({ length: 2500 }, (_, index) => index));
  expect(JSON.stringify(records[2400]?.value)).toBe('{"__proto__":2400,"name":"n2400"}');
});

it('is left before its end', async () => {
  for await (const records of readParquet(source(file(2500)))) {
    expect(records).toHaveLength(1000);
    break;
  }
});

it('tells what is wrong with the file, or with its source', async () => {
  const error = await failureOf(gather(readParquet(source(Buffer.from('a,b\n1,2\n3,4\n5,6\n')))));
  expect(error).toBeInstanceOf(RecordError);
  expect(error).toMatchObject({ code: 'BrokenParquet', message: expect.stringContaining('PAR1') });
  const gone = new Error('The disk is gone');
  const read = (): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(gone) }),
  });
  expect(await failureOf(gather(readParquet({ size: 100, read })))).toBe(gone);
});

it('gives up a decoder that takes too long', async () => {
  const error = await failureOf(gather(readParquet(source(file(2500)), { patience: 1 })));
  expect(error).toMatchObject({ code: 'BrokenParquet', message: expect.stringContaining('nothing came of') });
});

it('gives up a decoder that takes too much memory', async () => {
  const [maxMegabytes, rows] = [8, 400_000];
  const whole = source(file(rows, rows));
  const error = await failureOf(gather(readParquet(whole, { maxMegabytes, batchRecords: rows })));
  expect(error).toMatchObject({ code: 'RecordTooLarge', message: expect.stringContaining('8 MB') });
});
