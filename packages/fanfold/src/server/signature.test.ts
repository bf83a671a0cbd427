import type { IncomingMessage } from 'node:http';
import aws4 from 'aws4';
import { describe, expect, it } from 'vitest';
import { readSignedHeader, verifySignature } from './signature.ts';

const KEY = { accessKeyId: 'FANFOLD0123456789ABC', secretAccessKey: 'secret' };

interface Wanted {
  readonly service?: string;
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function signed({ service = 'dynamodb', path = '/', body = '{}', headers = {} }: Wanted = {}): IncomingMessage {
  const request = aws4.sign(
    { host: '127.0.0.1:7070', method: 'POST', service, region: 'us-east-1', path, body, headers },
    KEY,
  );
  const lower = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { method: 'POST', url: request.path, headers: Object.fromEntries(lower) } as IncomingMessage;
}

function verify(incoming: IncomingMessage, body = '{}', secretAccessKey = KEY.secretAccessKey, now = Date.now()): void {
  const read = readSignedHeader(incoming.headers.authorization);
  if (!read) throw new Error('There is no signature.');
  verifySignature({ incoming, signed: read, secretAccessKey, body: Buffer.from(body), now });
}

describe('a signature in the header', () => {
  it.each([
    [{}],
    [{ body: '{"a":"ä"}' }],
    [{ headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem', 'X-Odd': '  two   words ' } }],
    [{ service: 'lambda', path: '/2015-03-31/functions/arn%3Aaws%3Alambda/invocations?Qualifier=A%2FB' }],
    [{ service: 's3', path: '/bucket/a%20b/%C3%A4c%2B?list-type=2&prefix=x%2Fy&empty=' }],
  ] satisfies [Wanted][])('of the key holds: %j', (wanted: Wanted) => {
    expect(() => verify(signed(wanted), wanted.body)).not.toThrow();
  });

  it('of another key, body, path, header or time does not', () => {
    expect(() => verify(signed(), '{}', 'other')).toThrow('does not match');
    expect(() => verify(signed(), '{"more":1}')).toThrow('does not match');
    const moved = signed();
    moved.url = '/other';
    expect(() => verify(moved)).toThrow('does not match');
    const retargeted = signed({ headers: { 'X-Amz-Target': 'a' } });
    retargeted.headers['x-amz-target'] = 'b';
    expect(() => verify(retargeted)).toThrow('does not match');
    expect(() => verify(signed(), '{}', KEY.secretAccessKey, Date.now() + 16 * 60_000)).toThrow('difference between');
  });

  it('is none where the header is another', () => {
    for (const header of [undefined, '', 'Bearer x', 'AWS4-HMAC-SHA256 Credential=a/b'])
      expect(readSignedHeader(header)).toBeUndefined();
  });
});
