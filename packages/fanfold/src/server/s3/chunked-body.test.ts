import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../ports/service-error.ts';
import { chunkedBody, type ChunkedBodyParams } from './chunked-body.ts';

const bytesOf = (text: string): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(text)]);

async function read(params: Partial<ChunkedBodyParams> & Pick<ChunkedBodyParams, 'body' | 'length'>) {
  const { body, trailers } = chunkedBody({ trailers: [], signed: false, ...params });
  return [(await buffer(body)).toString(), Object.fromEntries(trailers)] as const;
}

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof ServiceError ? error.code : String(error)),
  );

describe('a body in chunks', () => {
  it('is what its chunks hold, however it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        async (chunks, step, signed) => {
          const mark = signed ? `;chunk-signature=${'0'.repeat(64)}` : '';
          const framed = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}${mark}\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from(`0${mark}\r\nx-amz-checksum-crc32:AAAA\r\n\r\n`),
          ]);
          const pieces = Array.from({ length: Math.ceil(framed.length / step) }, (_, i) =>
            framed.subarray(i * step, (i + 1) * step),
          );
          const whole = Buffer.concat(chunks);
          const { body, trailers } = chunkedBody({
            body: Readable.from(pieces),
            length: whole.length,
            trailers: ['x-amz-checksum-crc32'],
            signed,
          });
          expect((await buffer(body)).equals(whole)).toBe(true);
          expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'AAAA']]);
        },
      ),
    );
  });

  it.each([
    ['2\r\nab\r\n0\r\n\r\n', 'ab'],
    ['2\r\nab\r\n0\r\n', 'ab'],
    ['0\r\n\r\n', ''],
    ['2\r\nab\r\n0\r\n\r\n\r\n', 'ab'],
  ])('%j is %j', async (text, whole) => {
    expect((await read({ body: bytesOf(text), length: whole.length }))[0]).toBe(whole);
  });

  it.each([
    ['2\r\nab\r\n', 2, 'IncompleteBody'],
    ['2\r\na', 2, 'IncompleteBody'],
    ['2\r\nab\r\n0\r\n\r\n', 3, 'IncompleteBody'],
    ['2\r\nab\r\n0\r\n\r\n', 1, 'IncompleteBody'],
    ['ffffffffffffffff\r\n', 2, 'IncompleteBody'],
    ['x\r\nab\r\n0\r\n\r\n', 2, 'InvalidRequest'],
    ['-2\r\nab\r\n0\r\n\r\n', 2, 'InvalidRequest'],
    ['1\r\nab\r\n0\r\n\r\n', 2, 'InvalidRequest'],
    ['a,b\n', 4, 'InvalidRequest'],
    [`${'0'.repeat(20_000)}`, 0, 'InvalidRequest'],
    ['2\r\nab\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n', 2, 'InvalidRequest'],
    ['2\r\nab\r\n0\r\n\r\nmore', 2, 'InvalidRequest'],
    ['2\r\nab\r\n0\r\n\r\n\r\n0\r\n', 2, 'InvalidRequest'],
  ])('%j for %d bytes is refused with %s', async (text, length, expected) => {
    expect(await code(read({ body: bytesOf(text), length }))).toBe(expected);
  });

  it('lacks no trailer that was announced', async () => {
    const params = { body: bytesOf('0\r\n\r\n'), length: 0, trailers: ['x-amz-checksum-crc32'] };
    expect(await code(read(params))).toBe('InvalidRequest');
    const twice = bytesOf('0\r\nx-amz-checksum-crc32:AAAA\r\nX-Amz-Checksum-Crc32:BBBB\r\n\r\n');
    expect(await code(read({ ...params, body: twice }))).toBe('InvalidRequest');
  });

  it('is held against the signatures of its chunks, as in the example of the documentation', async () => {
    const signing = {
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
      date: '20130524T000000Z',
      scope: '20130524/us-east-1/s3/aws4_request',
    };
    const framed = (last: string): string =>
      [
        `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65_536)}\r\n`,
        `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n`,
        `0;chunk-signature=${last}\r\n\r\n`,
      ].join('');
    const good = 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9';
    const params = { length: 66_560, signed: true, signing };
    expect((await read({ ...params, body: bytesOf(framed(good)) }))[0]).toBe('a'.repeat(66_560));
    const bad = framed(good.replace('b', 'c'));
    expect(await code(read({ ...params, body: bytesOf(bad) }))).toBe('SignatureDoesNotMatch');
    const changed = framed(good).replace('aa\r\n400', 'ab\r\n400');
    expect(await code(read({ ...params, body: bytesOf(changed) }))).toBe('SignatureDoesNotMatch');
  });
});
