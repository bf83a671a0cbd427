import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inPieces } from '../../testing/records/streams.ts';
import { openCsvPlaces } from '../csv/read.ts';
import { letteredName, numberedName, partName, type ChunkName, writeChunkFiles } from './chunk-files.ts';
import { gatherRanges } from './ranges.ts';

const HEADER = 'id,note\r\n';
const FILE = `${HEADER}1,a\r\n2,"b\r\nc"\r\n3,\r\n4,d\r\n5,e`;

async function split(name: ChunkName, before?: string) {
  const bytes = Buffer.from(FILE);
  const { batches } = await openCsvPlaces(inPieces(bytes, 3));
  const { ranges } = await gatherRanges(batches, { records: 2, bytes: 1000 }, bytes.length);
  const files = new Map<string, string>();
  const chunks = await writeChunkFiles({
    source: { read: (start, end) => inPieces(bytes.subarray(start, end), 2) },
    ranges,
    name,
    ...(before !== undefined && { before }),
    write: async (key, body) => {
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      files.set(key, Buffer.concat(parts).toString());
    },
  });
  return { files, chunks };
}

describe('files of chunks', () => {
  it('hold the bytes of the source, each record whole', async () => {
    const { files, chunks } = await split(numberedName('customers'));
    expect([...files]).toEqual([
      ['customers_0.csv', '1,a\r\n2,"b\r\nc"\r\n'],
      ['customers_1.csv', '3,\r\n4,d\r\n'],
      ['customers_2.csv', '5,e'],
    ]);
    expect(chunks.map(({ records, firstLine }) => [records, firstLine])).toEqual([
      [2, 2],
      [2, 5],
      [1, 7],
    ]);
    for (const { key, sha256 } of chunks)
      expect(sha256).toBe(
        createHash('sha256')
          .update(files.get(key) ?? '')
          .digest('hex'),
      );
  });

  it('begin with the header where they are to, and are named by how many there are', async () => {
    const { files } = await split(partName('orders', '.csv'), HEADER);
    expect([...files.keys()]).toEqual([1, 2, 3].map((part) => `orders__part${part}__of3.csv`));
    expect([...files.values()].map((text) => text.slice(0, HEADER.length))).toEqual([HEADER, HEADER, HEADER]);
    expect(files.get('orders__part3__of3.csv')).toBe(`${HEADER}5,e`);
  });
});

describe('names by letters', () => {
  const name = letteredName('f');

  it.each([
    [0, 'f.aa'],
    [1, 'f.ab'],
    [26, 'f.ba'],
    [649, 'f.yz'],
    [650, 'f.zaaa'],
  ])('%i is %s', (index, expected) => expect(name(index)).toBe(expected));

  it('are in order, and none is there twice', () => {
    const all = Array.from({ length: 20_000 }, (_, i) => name(i));
    expect(all).toEqual([...new Set(all)].toSorted());
  });
});
