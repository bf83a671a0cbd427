import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { isInventory, parseAthenaManifest, parseInventory } from './inventory.ts';
import { listingItem } from './listing.ts';

const inventory = {
  sourceBucket: 'source',
  destinationBucket: 'arn:aws:s3:::lists',
  version: '2016-11-30',
  fileFormat: 'CSV',
  fileSchema: 'Bucket, Key, Size',
  files: [
    { key: 'data/1.csv.gz', size: 12, MD5checksum: 'f11166069f1990abeb9c97ace9cdfabc' },
    { key: '../data/2.csv.gz' },
  ],
};

describe('manifests that name objects', () => {
  it('reads an S3 inventory', () => {
    expect(isInventory(inventory)).toBe(true);
    expect(parseInventory(inventory)).toEqual({
      format: 'CSV',
      columns: ['Bucket', 'Key', 'Size'],
      files: [
        { bucket: 'lists', key: 'data/1.csv.gz', size: 12, md5: 'f11166069f1990abeb9c97ace9cdfabc' },
        { bucket: 'lists', key: '../data/2.csv.gz', size: undefined, md5: undefined },
      ],
    });
  });

  it.each<[string, Json, string]>([
    ['a list', [], 'it is not an object'],
    ['another format', { ...inventory, fileFormat: 'XML' }, 'fileFormat is'],
    ['no files', { ...inventory, files: 'x' }, 'files is'],
    ['a file without a key', { ...inventory, files: [{ size: 1 }] }, 'files[0].key is missing'],
    ['no schema', { ...inventory, fileSchema: 7 }, 'fileSchema is'],
  ])('refuses %s', (_, value, message) => {
    expect(() => parseInventory(value)).toThrow(message);
  });

  it('reads an Athena manifest', () => {
    expect(parseAthenaManifest('s3://b/x/1.gz\r\n\n"s3://b/y/2 3.gz"\n')).toEqual([
      { bucket: 'b', key: 'x/1.gz' },
      { bucket: 'b', key: 'y/2 3.gz' },
    ]);
    expect(() => parseAthenaManifest('s3://b/x\n/etc/passwd\n')).toThrow('line 2 is "/etc/passwd"');
  });

  it('makes an item of an object', () => {
    const info = {
      bucket: 'b',
      key: 'k',
      size: 3,
      eTag: 'abc',
      lastModified: new Date(1_668_699_881_999),
      sequencer: '1',
      contentType: 'text/csv',
      metadata: {},
      details: {},
    };
    expect(listingItem(info)).toEqual({
      Etag: '"abc"',
      Key: 'k',
      LastModified: 1_668_699_881,
      Size: 3,
      StorageClass: 'STANDARD',
    });
  });
});
