import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { sourceOf } from './event.ts';

const notified = (key: string): Json => ({
  Records: [{ s3: { bucket: { name: 'files' }, object: { key, eTag: 'e' } } }],
});

describe('the file that a run is about', () => {
  it.for<[string, Json, object]>([
    ['a notification', notified('in/my+file%2B%C3%BC.csv'), { bucket: 'files', key: 'in/my file+ü.csv', eTag: 'e' }],
    [
      'EventBridge',
      { detail: { bucket: { name: 'files' }, object: { key: 'a b+c.csv', etag: 'e' } } },
      { bucket: 'files', key: 'a b+c.csv', eTag: 'e' },
    ],
    [
      'a file of a manifest',
      { bucket: 'files', key: 'a.csv', size: 3, eTag: 'e' },
      { bucket: 'files', key: 'a.csv', eTag: 'e' },
    ],
    ['plain names', { bucket: 'files', key: 'a.csv' }, { bucket: 'files', key: 'a.csv' }],
  ])('is read from %s', ([, input, ref]) => {
    expect(sourceOf(input)).toEqual(ref);
  });

  it.for<[string, Json, string]>([
    ['nothing', {}, 'names no file'],
    ['a text', 'a.csv', 'names no file'],
    ['two objects', { Records: [{}, {}] }, 'names 2 objects'],
    ['a broken key', notified('%E0%A4%A'), 'not percent-encoded'],
  ])('is refused in %s', ([, input, message]) => {
    expect(() => sourceOf(input)).toThrow(message);
  });
});
