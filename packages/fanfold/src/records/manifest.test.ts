import { describe, expect, it } from 'vitest';
import { CHUNK_FILE, type ChunkFile, formatManifest, type Manifest, parseManifest as parse } from './manifest.ts';

const manifest: Manifest = {
  version: 1,
  source: { bucket: 'b', key: 'input/my file.csv', eTag: '0cc175b9', header: ['a', '__proto__'] },
  records: 5,
  chunks: [
    { key: 'x/1', records: 3, firstLine: 2, sha256: 'aa' },
    { key: 'x/2', records: 2, firstLine: 7, sha256: 'bb' },
  ],
};

const parseManifest = (text: string): Manifest => parse<ChunkFile>(text, CHUNK_FILE);

describe('manifest', () => {
  it('reads back what was written', () => {
    expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
    const empty = { ...manifest, records: 0, chunks: [] };
    expect(parseManifest(formatManifest(empty))).toEqual(empty);
  });

  it.each([
    ['not JSON', '{', 'it is not JSON'],
    ['a list', '[]', 'the manifest is "[]", not an object'],
    ['another version', formatManifest({ ...manifest, version: 2 as 1 }), 'version is "2"'],
    ['a sum that is off', formatManifest({ ...manifest, records: 6 }), 'records is 6, but its chunks add up to 5'],
    ['a chunk without a key', formatManifest(manifest).replace('"key":"x/2",', ''), 'chunks[1].key is missing'],
    ['a negative count', formatManifest(manifest).replace('"records":2', '"records":-2'), 'chunks[1].records is "-2"'],
    [
      'no header',
      formatManifest(manifest).replace(',"header":["a","__proto__"]', ''),
      'source.header is missing, not a list',
    ],
  ])('refuses %s by name', (_, text, message) => {
    expect(() => parseManifest(text)).toThrow(message);
  });
});
