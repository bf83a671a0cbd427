import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../byte-source.ts';
import { RecordError } from '../record-error.ts';
import { failureOf, gather, inPieces } from '../../testing/records/streams.ts';
import { decodeParquet } from './decode.ts';

function source(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (start, end) => inPieces(bytes.subarray(start, end), 7) };
}

function file(rows: number, extra: object = {}): Buffer {
  const ids = Array.from({ length: rows }, (_, index) => index);
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: ids.map(BigInt), type: 'INT64' },
        { name: '__proto__', data: ids.map((id) => `n${id}`), type: 'STRING' },
        { name: 'price', data: ids.map((id) => (id % 3 ? id / 4 : null)), type: 'DOUBLE', nullable: true },
        { name: 'at', data: ids.map((id) => new Date(id * 1000)), type: 'TIMESTAMP' },
        { name: 'tags', data: ids.map((id) => ({ list: [id, { '10': true }] })), type: 'JSON' },
      ],
      rowGroupSize: 100,
      ...extra,
    }),
  );
}

describe('decodeParquet', () => {
  it('reads every row group in order, as JSON', async () => {
    const records = await gather(decodeParquet(source(file(250)), { batchRecords: 30 }));
    expect(records.map(({ index }) => index)).toEqual(Array.from({ length: 250 }, (_, index) => index));
    const [, , third] = records;
    expect(JSON.stringify(third?.value)).toBe(
      '{"id":2,"__proto__":"n2","price":0.5,"at":"1970-01-01T00:00:02.000Z","tags":{"list":[2,{"10":true}]}}',
    );
    expect(({} as { n0?: unknown }).n0).toBeUndefined();
  });

  it('keeps whole numbers exact and says what is not a number', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'big', data: [9007199254740993n], type: 'INT64' },
        { name: 'odd', data: [Number.NaN], type: 'DOUBLE' },
      ],
    });
    const [record] = await gather(decodeParquet(source(new Uint8Array(bytes))));
    expect(record?.value).toEqual({ big: '9007199254740993', odd: 'NaN' });
  });

  it('reads an empty file', async () => {
    expect(await gather(decodeParquet(source(file(0))))).toEqual([]);
  });

  it.each([
    ['what is no Parquet', Buffer.from('a,b\n1,2\n3,4\n5,6\n'), 'does not start with PAR1'],
    ['an empty object', Buffer.alloc(0), 'it has 0 bytes'],
    ['a file that was cut', file(50).subarray(0, -20), 'cannot be read'],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await failureOf(gather(decodeParquet(source(bytes))));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ code: 'BrokenParquet', message: expect.stringContaining(message) });
  });

  it('refuses counts that do not fit', async () => {
    const bytes = file(50);
    const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
    const count = Buffer.from([0x64]);
    // 50 is 0x64 in the footer's zigzag; the last ones are the totals.
    const at = bytes.lastIndexOf(count);
    expect(metadata.num_rows).toBe(50n);
    bytes[at] = 0x7e;
    expect(await failureOf(gather(decodeParquet(source(bytes))))).toMatchObject({ code: 'BrokenParquet' });
  });

  it('refuses a row group that is larger than allowed', async () => {
    const error = await failureOf(gather(decodeParquet(source(file(50)), { maxRowGroupBytes: 100 })));
    expect(error).toMatchObject({ code: 'RecordTooLarge' });
  });
});
