import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../../json.ts';
import type { ObjectRef } from '../../ports/objects.ts';
import type { ServiceError } from '../../ports/service-error.ts';
import type { Result } from '../../result.ts';
import { createLinks, type LinkRequest, verifyLink } from './links.ts';
import { signQuery } from './signature.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const NOW = Date.UTC(2026, 0, 31, 12);

const links = createLinks({
  endpoint: () => 'http://127.0.0.1:8083',
  region: 'us-east-1',
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: SECRET,
  now: () => NOW,
});

function open(url: string, change: Partial<LinkRequest> = {}): Result<ObjectRef, ServiceError> {
  const [, host = '', pathAndQuery = ''] = /^http:\/\/([^/]+)(.*)$/s.exec(url) ?? [];
  const secretFor = (id: string): string | undefined => (id === 'AKIAEXAMPLE' ? SECRET : undefined);
  const request = { method: 'GET', host, pathAndQuery, headers: {}, secretFor, now: NOW, ...change };
  const result = verifyLink(request);
  if (!result.ok) return result;
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/su.exec(result.value) ?? [];
  return { ok: true, value: { bucket, key } };
}

function refusal(result: Result<ObjectRef, ServiceError>): readonly [number, string, string] | undefined {
  return result.ok ? undefined : [result.error.status, result.error.code, result.error.message];
}

const anyKey = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '0', '/', '.', '+', ' ', '%', '&', '=', '?', '#', "'", 'é', '漢', '😀', '\\', '\n'),
    minLength: 1,
    maxLength: 40,
  })
  .filter((key) => utf8Length(key) <= 1024);

describe('a link', () => {
  it('carries the signature of the example in the documentation of SigV4', () => {
    const query = signQuery({
      method: 'GET',
      host: 'examplebucket.s3.amazonaws.com',
      path: '/test.txt',
      query: [['X-Amz-Expires', '86400']],
      date: '20130524T000000Z',
      region: 'us-east-1',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: SECRET,
    });
    expect(query).toContain('X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request');
    expect(query).toMatch(/&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404$/);
  });

  it.each([
    'plain.csv',
    'a b+c.csv',
    'é漢😀.csv',
    'a//b',
    '/a',
    'a/',
    '..',
    '.',
    '../../etc/passwd',
    'a/../b',
    'a/.',
    '%2F',
    '..;/x',
    'x?y=z&w#v',
    "!'()*~",
  ])('opens the object %j, also after a client has normalised the URL', async (key) => {
    const url = await links.sign({ bucket: 'alpha-bucket', key }, 60);
    expect(open(url)).toEqual({ ok: true, value: { bucket: 'alpha-bucket', key } });
    expect(open(new URL(url).href)).toEqual({ ok: true, value: { bucket: 'alpha-bucket', key } });
  });

  it('opens whatever key it was made for', async () => {
    await fc.assert(
      fc.asyncProperty(anyKey, async (key) => {
        const url = new URL(await links.sign({ bucket: 'alpha-bucket', key }, 60)).href;
        expect(open(url)).toEqual({ ok: true, value: { bucket: 'alpha-bucket', key } });
      }),
    );
  });

  it('holds until it expires', async () => {
    const url = await links.sign({ bucket: 'alpha-bucket', key: 'k' }, 60);
    expect(open(url, { now: NOW + 59_999 }).ok).toBe(true);
    expect(refusal(open(url, { now: NOW + 60_000 }))).toEqual([403, 'AccessDenied', 'Request has expired']);
    expect(open(url, { now: NOW - 3_600_000 }).ok).toBe(true);
    expect(refusal(open(url, { now: NOW - 90_000_000 }))).toEqual([403, 'AccessDenied', 'Request is not yet valid']);
  });

  it.each([
    ['another object', (url: string) => url.replace('/k?', '/l?')],
    ['another bucket', (url: string) => url.replace('alpha', 'beta')],
    ['a longer life', (url: string) => url.replace('Expires=60', 'Expires=6000')],
    ['another date', (url: string) => url.replace('T120000Z', 'T130000Z')],
    ['another region', (url: string) => url.replace('us-east-1', 'us-west-2')],
    ['another parameter', (url: string) => `${url}&response-content-type=text%2Fhtml`],
    ['another host', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['another signature', (url: string) => `${url.slice(0, -1)}${url.endsWith('0') ? '1' : '0'}`],
    ['half a signature', (url: string) => url.slice(0, -32)],
  ])('is refused when altered to %s', async (_, alter) => {
    const altered = alter(await links.sign({ bucket: 'alpha-bucket', key: 'k' }, 60));
    expect(refusal(open(altered))?.slice(0, 2)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  it('is refused with every single character changed', async () => {
    const url = await links.sign({ bucket: 'alpha-bucket', key: 'a/b c' }, 60);
    fc.assert(
      fc.property(fc.nat(url.length - 1), fc.constantFrom('0', 'a', 'Z', '/', '&', '=', '.', '%'), (at, character) => {
        fc.pre(url[at] !== character && at >= 'http://127.0.0.1:8083'.length);
        const result = open(url.slice(0, at) + character + url.slice(at + 1));
        // The case of the hexadecimal digits of an escape says nothing.
        if (result.ok) expect(result.value).toEqual({ bucket: 'alpha-bucket', key: 'a/b c' });
        else expect(result.error.status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 300 },
    );
  });

  it('is for reading only', async () => {
    const url = await links.sign({ bucket: 'alpha-bucket', key: 'k' }, 60);
    for (const method of ['PUT', 'DELETE', 'POST', 'HEAD'])
      expect(refusal(open(url, { method }))?.[1]).toBe('SignatureDoesNotMatch');
  });

  it.each([
    ['no signature', '/alpha-bucket/k', 'AuthorizationQueryParametersError'],
    ['a missing parameter', (url: string) => url.replace(/&X-Amz-Date=[^&]*/, ''), 'AuthorizationQueryParametersError'],
    [
      'too long a life',
      (url: string) => url.replace('Expires=60', 'Expires=604801'),
      'AuthorizationQueryParametersError',
    ],
    [
      'a life that is no number',
      (url: string) => url.replace('Expires=60', 'Expires=6e1'),
      'AuthorizationQueryParametersError',
    ],
    ['a parameter twice', (url: string) => `${url}&X-Amz-Expires=60`, 'AuthorizationQueryParametersError'],
    ['a parameter that hides', (url: string) => `${url}&__proto__=1`, 'AuthorizationQueryParametersError'],
    ['a nameless parameter', (url: string) => `${url}&=1`, 'AuthorizationQueryParametersError'],
    [
      'a credential of another day',
      (url: string) => url.replace('%2F20260131%2F', '%2F20260130%2F'),
      'AuthorizationQueryParametersError',
    ],
    ['another algorithm', (url: string) => url.replace('SHA256', 'SHA1'), 'AuthorizationQueryParametersError'],
    ['another access key', (url: string) => url.replace('AKIAEXAMPLE', 'AKIAOTHER'), 'InvalidAccessKeyId'],
    ['a broken escape', (url: string) => url.replace('/k?', '/%ZZ?'), 'InvalidURI'],
  ])('is refused with %s', async (_, alter, code) => {
    const url = await links.sign({ bucket: 'alpha-bucket', key: 'k' }, 60);
    const altered = typeof alter === 'string' ? `http://127.0.0.1:8083${alter}` : alter(url);
    expect(refusal(open(altered))?.[1]).toBe(code);
  });

  it.each([0, -1, 1.5, 604_801, Number.NaN])('cannot be made for %d seconds', async (seconds) => {
    await expect(links.sign({ bucket: 'alpha-bucket', key: 'k' }, seconds)).rejects.toThrow('1 to 604800');
  });
});
