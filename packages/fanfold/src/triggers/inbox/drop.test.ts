import { describe, expect, it } from 'vitest';
import { dropOf } from './drop.ts';

const buckets = new Set(['orders', 'other.bucket']);

describe('a dropped file', () => {
  it.each([
    ['orders/a.csv', 'orders', 'a.csv'],
    ['orders/2026/01/a b.csv', 'orders', '2026/01/a b.csv'],
    ['other.bucket/\u00fcn\u00ef.csv', 'other.bucket', '\u00fcn\u00ef.csv'],
    ['orders/u\u0308.csv', 'orders', 'u\u0308.csv'],
    ['orders/a.part/b.csv', 'orders', 'a.part/b.csv'],
    ['orders/a\\b.csv', 'orders', 'a\\b.csv'],
    ['orders/tmp', 'orders', 'tmp'],
    [`orders/${'x'.repeat(1024)}`, 'orders', 'x'.repeat(1024)],
  ])('%j is for the bucket %j', (path, bucket, key) => {
    expect(dropOf(path, buckets)).toEqual({ kind: 'object', ref: { bucket, key } });
  });

  it.each([
    '.DS_Store',
    'orders/.hidden',
    'orders/.git/config',
    '.trash/a.csv',
    'orders/a.csv.tmp',
    'orders/a.TMP',
    'orders/a.csv.part',
    'orders/a.csv.partial',
    'orders/a.csv.filepart',
    'orders/a.csv.crdownload',
    'orders/a.csv~',
    'orders/~$a.xlsx',
    'orders/',
    '/',
  ])('%j is ignored', (path) => {
    const known = path === '/' ? new Set(['']) : buckets;
    expect(dropOf(path, known)).toEqual({ kind: 'ignored' });
  });

  it.each([
    ['a.csv', 'a.csv', 'orders/, other.bucket/'],
    ['nope/a.csv', 'nope/', 'orders/, other.bucket/'],
    ['nope/', 'nope/', 'orders/, other.bucket/'],
    ['orders', 'orders', 'links are not followed'],
    [`orders/${'\u6f22'.repeat(342)}`, `orders/${'\u6f22'.repeat(342)}`, '1026 bytes'],
    ['orders/\ud800', 'orders/\ud800', 'Unicode'],
  ])('%j is refused', (path, about, reason) => {
    expect(dropOf(path, buckets)).toEqual({ kind: 'refused', about, reason: expect.stringContaining(reason) });
  });
});
