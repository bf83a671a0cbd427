import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalObjects, openLocalObjects } from '../../services/s3/local.ts';
import { s3Of, startTestServer, type TestServer } from '../../testing/server.fixture.ts';

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=owner/20300101/us-east-1/s3/aws4_request, Signature=0';

describe('the API of S3', () => {
  let directory: string;
  let local: LocalObjects;
  let server: TestServer;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-s3-'));
    local = openLocalObjects({ directory, buckets: ['there'] });
    server = await startTestServer({ s3: { ...s3Of(local.objects), ...local } });
  });
  afterAll(async () => {
    await server.close();
    await local.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const send = (method: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method,
      ...init,
      headers: { authorization: AUTHORIZATION, ...(init.headers as Record<string, string>) },
    });
  const codeOf = async (answer: Response): Promise<string | undefined> =>
    /<Code>(.*?)<\/Code>/.exec(await answer.text())?.[1];

  it('makes a bucket, puts an object into it and reads it again', async () => {
    expect((await send('PUT', '/made')).status).toBe(200);
    expect((await send('PUT', '/made')).status).toBe(200);
    expect((await send('HEAD', '/made')).status).toBe(200);
    expect((await send('HEAD', '/other')).status).toBe(404);
    const headers = { 'content-type': 'text/csv', 'x-amz-meta-who': 'me', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const put = await send('PUT', '/made/a%20b/%C3%BC.csv', { body: 'a,b\n1,2\n', headers });
    const eTag = `"${createHash('md5').update('a,b\n1,2\n').digest('hex')}"`;
    expect([put.status, put.headers.get('etag')]).toEqual([200, eTag]);
    expect(await local.objects.head({ bucket: 'made', key: 'a b/ü.csv' })).toMatchObject({
      contentType: 'text/csv',
      metadata: { who: 'me' },
    });
    const got = await send('GET', '/made/a%20b/%C3%BC.csv');
    expect([got.headers.get('etag'), await got.text()]).toEqual([eTag, 'a,b\n1,2\n']);
    const part = await send('GET', '/made/a%20b/%C3%BC.csv', { headers: { range: 'bytes=2-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'b\n']);
    const head = await send('HEAD', '/made/a%20b/%C3%BC.csv');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '8']);
    expect((await send('DELETE', '/made/a%20b/%C3%BC.csv')).status).toBe(204);
    expect(await codeOf(await send('GET', '/made/a%20b/%C3%BC.csv'))).toBe('NoSuchKey');
  });

  it('keeps keys that look like paths as keys', async () => {
    const before = readdirSync(directory).sort();
    const key = '../../etc/passwd';
    expect((await server.raw(request('PUT', '/there/../../etc/passwd', 'x'))).startsWith('HTTP/1.1 200')).toBe(true);
    expect(await local.objects.head({ bucket: 'there', key })).toMatchObject({ size: 1 });
    expect(readdirSync(directory).sort()).toEqual(before);
  });

  it('lists page by page, with markup escaped', async () => {
    for (const key of ['p/a&b', 'p/<c>', 'q']) await local.objects.put({ bucket: 'there', key, body: key });
    const first = await (await send('GET', '/there?list-type=2&prefix=p%2F&max-keys=1')).text();
    expect(first).toContain('<IsTruncated>true</IsTruncated>');
    expect(first).toContain('<Key>p/&lt;c&gt;</Key>');
    const token = /<NextContinuationToken>(.*?)</.exec(first)?.[1] ?? '';
    const second = await (
      await send('GET', `/there?list-type=2&prefix=p%2F&max-keys=1&continuation-token=${token}`)
    ).text();
    expect(second).toContain('<Key>p/a&amp;b</Key>');
    expect(second).toContain('<IsTruncated>false</IsTruncated>');
  });

  it.each([
    ['PUT', '/x', {}, 'InvalidBucketName'],
    ['PUT', '/Up_Per', {}, 'InvalidBucketName'],
    ['GET', '/Up_Per', {}, 'NoSuchBucket'],
    ['PUT', '/nowhere/key', { body: 'x' }, 'NoSuchBucket'],
    ['GET', '/there/%E0%A4%A', {}, 'InvalidURI'],
    ['GET', '/there?analytics', {}, 'NotImplemented'],
    ['PUT', '/there?versioning', { body: 'x' }, 'MalformedXML'],
    ['PUT', '/there?versioning', { body: '<VersioningConfiguration/>' }, 'IllegalVersioningConfigurationException'],
    [
      'PUT',
      '/there?versioning',
      { body: '<VersioningConfiguration><Status>On</Status></VersioningConfiguration>' },
      'MalformedXML',
    ],
    [
      'PUT',
      '/there?versioning',
      { body: '<VersioningConfiguration><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>' },
      'NotImplemented',
    ],
    ['GET', '/nowhere?versioning', {}, 'NoSuchBucket'],
    ['GET', '/nowhere?versions', {}, 'NoSuchBucket'],
    ['GET', '/there?versions&version-id-marker=null', {}, 'InvalidArgument'],
    ['GET', '/there?versions&key-marker=a&version-id-marker=', {}, 'InvalidArgument'],
    ['GET', '/there?versions&key-marker=a&version-id-marker=x', {}, 'InvalidArgument'],
    ['GET', '/there?list-type=3', {}, 'NotImplemented'],
    ['GET', '/there?list-type=2&encoding-type=x', {}, 'InvalidArgument'],
    ['GET', '/there?list-type=2&max-keys=-1', {}, 'InvalidArgument'],
    ['GET', '/there?list-type=2&continuation-token=%20', {}, 'InvalidArgument'],
    ['GET', '/there?list-type=2&continuation-token=garbage', {}, 'InvalidArgument'],
    ['GET', '/there/key', { headers: { authorization: 'AWS any:frJIUN8DYpKDtOLCwo//yllqDzg=' } }, 'InvalidRequest'],
    ['GET', '/there?list-type=2&x=y', {}, 'NotImplemented'],
    ['GET', '/nowhere?list-type=2', {}, 'NoSuchBucket'],
    ['GET', '/nowhere?location', {}, 'NoSuchBucket'],
    ['POST', '/there', { body: 'x' }, 'NotImplemented'],
    ['POST', '/there/key', { body: 'x' }, 'NotImplemented'],
    ['POST', '/there/key?select&select-type=2', { body: 'x' }, 'NotImplemented'],
    ['GET', '/there/key?partNumber=1', {}, 'NoSuchKey'],
    ['GET', '/there/key?attributes', {}, 'InvalidRequest'],
    ['GET', '/there/key?attributes', { headers: { 'x-amz-object-attributes': 'ETag, Owner' } }, 'InvalidArgument'],
    ['GET', '/there/none?attributes', { headers: { 'x-amz-object-attributes': 'ETag' } }, 'NoSuchKey'],
    ['GET', '/there/key?versionId=abc', {}, 'InvalidArgument'],
    ['GET', '/there/key?versionId=', {}, 'InvalidArgument'],
    ['DELETE', '/there/key?versionId=abc', {}, 'InvalidArgument'],
    ['GET', '/there/key?versionId=ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF', {}, 'NoSuchVersion'],
    ['PUT', '/there/key', { headers: { 'x-amz-copy-source': '/there/other' } }, 'NoSuchKey'],
    ['PUT', '/there/key', { headers: { 'x-amz-copy-source': 'there' } }, 'InvalidArgument'],
    ['PUT', '/there/key', { headers: { 'x-amz-copy-source': 'there/a?versionId=1' } }, 'InvalidArgument'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-acl': 'public-read' } }, 'NotImplemented'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-storage-class': 'GLACIER' } }, 'NotImplemented'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-server-side-encryption': 'aws:kms' } }, 'NotImplemented'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-server-side-encryption': 'AES256' } }, 'InvalidRequest'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-something-new': '1' } }, 'NotImplemented'],
    [
      'PUT',
      '/there/key',
      { headers: { 'x-amz-copy-source': '/there/a', 'x-amz-copy-source-range': 'bytes=0-1' } },
      'NotImplemented',
    ],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-expected-bucket-owner': '999999999999' } }, 'AccessDenied'],
    ['PUT', '/there/key', { body: 'x', headers: { 'if-none-match': '"x"' } }, 'NotImplemented'],
    ['PUT', '/there/key', { body: 'x', headers: { 'if-match': '*' } }, 'NotImplemented'],
    ['PUT', '/there/key', { body: 'x', headers: { 'content-encoding': 'aws-chunked' } }, 'MissingContentLength'],
    [
      'PUT',
      '/there/key',
      {
        body: 'x',
        headers: {
          'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
          'x-amz-decoded-content-length': '1',
        },
      },
      'NotImplemented',
    ],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-content-sha256': 'nonsense' } }, 'InvalidArgument'],
    ['PUT', '/there/key', { body: 'x', headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } }, 'BadDigest'],
    ['PUT', '/there/key', { body: 'x', headers: { 'content-md5': 'AAAA' } }, 'InvalidDigest'],
    ['PUT', '/there/key', { body: 'x', headers: { 'x-amz-checksum-xxhash64': 'AAAA' } }, 'NotImplemented'],
    [
      'PUT',
      '/there/key',
      { body: 'x', headers: { 'x-amz-content-sha256': '0'.repeat(64) } },
      'XAmzContentSHA256Mismatch',
    ],
    ['PUT', `/there/${'k'.repeat(1025)}`, { body: 'x' }, 'KeyTooLongError'],
    ['PUT', '/there/key?tagging', { body: '<Tagging><TagSet/></Tagging>' }, 'NoSuchKey'],
    ['PUT', '/there/key?tagging', { body: '<Other/>' }, 'MalformedXML'],
    ['POST', '/there?delete', { body: '<Delete><Object><Key>a' }, 'MalformedXML'],
    ['POST', '/there?delete', { body: '<!DOCTYPE x [<!ENTITY a "b">]><Delete>&a;</Delete>' }, 'MalformedXML'],
    ['POST', '/there?delete', { body: '<Delete></Delete>' }, 'MalformedXML'],
    ['POST', '/there/key?uploadId=none', { body: '<CompleteMultipartUpload/>' }, 'NoSuchUpload'],
    ['PUT', '/there/key?uploadId=none&partNumber=1', { body: 'x' }, 'NoSuchUpload'],
    ['DELETE', '/there/key?uploadId=none', {}, 'NoSuchUpload'],
    ['POST', '/there/key?uploads', { headers: { 'x-amz-checksum-algorithm': 'XXHASH3' } }, 'NotImplemented'],
    [
      'POST',
      '/there/key?uploads',
      { headers: { 'x-amz-checksum-algorithm': 'SHA1', 'x-amz-checksum-type': 'FULL_OBJECT' } },
      'InvalidRequest',
    ],
    ['DELETE', '/nowhere', {}, 'NoSuchBucket'],
  ] as const)('refuses %s %s %j with %s', async (method, path, init, code) => {
    expect(await codeOf(await send(method, path, init as RequestInit))).toBe(code);
    expect(await local.objects.head({ bucket: 'there', key: 'key' })).toBeUndefined();
  });

  it('answers nobody who does not sign, and no page of another origin', async () => {
    expect((await fetch(`${server.url}/there/key`, { method: 'PUT', body: 'x' })).status).not.toBe(200);
    expect((await send('PUT', '/there/key', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect(await local.objects.head({ bucket: 'there', key: 'key' })).toBeUndefined();
  });
});

function request(method: string, target: string, body: string): string {
  const headers = ['Host: 127.0.0.1', `Authorization: ${AUTHORIZATION}`, `Content-Length: ${body.length}`];
  return [`${method} ${target} HTTP/1.1`, ...headers, 'Connection: close', '', body].join('\r\n');
}
