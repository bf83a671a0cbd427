import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeKey, notificationOf } from './notification.ts';

describe('the key in a notification', () => {
  it.each([
    ['my file+1.csv', 'my+file%2B1.csv'],
    ['\u00fcn\u00ef.csv', '%C3%BCn%C3%AF.csv'],
    ['u\u0308.csv', 'u%CC%88.csv'],
    ['in/a/b.csv', 'in/a/b.csv'],
    ['a-b_c.d~e', 'a-b_c.d~e'],
    ["(1)!*'", '%281%29%21%2A%27'],
    ['100%&=?#', '100%25%26%3D%3F%23'],
    ['\u{1f600}\n', '%F0%9F%98%80%0A'],
  ])('%j is %j', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
  });

  it('can be read back by the usual recipe', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(decodeURIComponent(encodeKey(key).replaceAll('+', ' '))).toBe(key);
      }),
    );
  });
});

it('writes what S3 writes', () => {
  const at = new Date('2026-01-01T00:00:00.000Z');
  const object = {
    bucket: 'in-bucket',
    key: 'in/my file.csv',
    size: 3,
    eTag: 'abc',
    lastModified: at,
    sequencer: '00A1',
    contentType: 'text/csv',
    metadata: {},
    details: {},
  };
  const trigger = { name: 'intake', bucket: 'in-bucket', stateMachineArn: 'arn' };
  const event = { id: 1, name: 'ObjectCreated:Copy' as const, at, object };
  expect(notificationOf(trigger, event, { region: 'eu-central-1', account: '000000000000' })).toEqual({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'eu-central-1',
        eventTime: '2026-01-01T00:00:00.000Z',
        eventName: 'ObjectCreated:Copy',
        userIdentity: { principalId: 'AWS:000000000000' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: {
          'x-amz-request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
          'x-amz-id-2': expect.stringMatching(/^[0-9A-F]{64}$/),
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'intake',
          bucket: {
            name: 'in-bucket',
            ownerIdentity: { principalId: '000000000000' },
            arn: 'arn:aws:s3:::in-bucket',
          },
          object: { key: 'in/my+file.csv', size: 3, eTag: 'abc', sequencer: '00A1' },
        },
      },
    ],
  });
  const kept = { ...event, object: { ...object, versionId: 'v' } };
  expect(notificationOf(trigger, kept, { region: 'eu-central-1', account: '000000000000' })).toMatchObject({
    Records: [{ s3: { object: { key: 'in/my+file.csv', versionId: 'v', sequencer: '00A1' } } }],
  });
});
