import { once } from 'node:events';
import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../ports/service-error.ts';
import { fail, ok } from '../../result.ts';
import {
  type FakeObject,
  objectsOf,
  openLink,
  s3Of,
  startTestServer,
  type TestServer,
} from '../../testing/server.fixture.ts';
import type { SignedLink } from './authority.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const GOOD = '?X-Amz-Signature=good';

async function start(
  objects: Readonly<Record<string, FakeObject>>,
  {
    objects: served = objectsOf(objects),
    verifyLink = openLink,
  }: { readonly objects?: ReturnType<typeof objectsOf>; readonly verifyLink?: typeof openLink } = {},
): Promise<TestServer> {
  server = await startTestServer({ s3: s3Of(served, verifyLink) });
  return server;
}

async function refusal(response: Response): Promise<readonly [number, string | undefined]> {
  const text = await response.text();
  expect(response.headers.get('content-type')).toBe('application/xml');
  return [response.status, /<Code>(.*)<\/Code>/.exec(text)?.[1]];
}

describe('a link to an object', () => {
  it('gives it as a download that runs nothing', async () => {
    const { url } = await start({ "out/Zahlen für (Q1)'.html": { body: '<script>', contentType: 'text/html' } });
    const response = await fetch(`${url}/b/out/Zahlen%20f%C3%BCr%20(Q1)'.html${GOOD}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<script>');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'content-length': '8',
      'content-disposition': "attachment; filename*=UTF-8''Zahlen%20f%C3%BCr%20%28Q1%29%27.html",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: '"abc"',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
    });
  });

  it('tells by HEAD what GET would give', async () => {
    const { url } = await start({ k: { body: 'hello' } });
    const response = await fetch(`${url}/b/k${GOOD}`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '5', '']);
    expect((await fetch(`${url}/b/gone${GOOD}`, { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(`${url}/b/k?X-Amz-Signature=bad`, { method: 'HEAD' })).status).toBe(403);
  });

  it('is checked as it came, with dots and escapes that a URL would lose', async () => {
    const asked: SignedLink[] = [];
    const { raw } = await start(
      {},
      {
        verifyLink: (request) => {
          asked.push(request);
          return fail(new ServiceError('AccessDenied', 'no', 403));
        },
      },
    );
    const targets = ['/b/../../etc/passwd', '/b/%2e%2e/%2e%2e/etc', '/b//x', '/../b/k', '/b/a%00b', '/b\\..\\x'];
    for (const target of targets)
      expect(await raw(`GET ${target}${GOOD} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 403 /,
      );
    expect(asked).toEqual(
      targets.map((target) => ({
        method: 'GET',
        host: 'localhost',
        pathAndQuery: `${target}${GOOD}`,
        headers: { host: 'localhost', connection: 'close' },
      })),
    );
  });

  it('opens keys that look like paths as keys', async () => {
    const { raw } = await start({ '../../etc/passwd': { body: 'just a key' } });
    const request = `GET /b/../../etc/passwd${GOOD} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    expect(await raw(request)).toMatch(/just a key$/);
  });

  it('is not for those who sign in their header too', async () => {
    const { url } = await start({ k: { body: 'hello' } });
    const authorization = 'AWS4-HMAC-SHA256 Credential=me/20300101/us-east-1/s3/aws4_request, Signature=0';
    for (const given of [authorization, 'Basic bWU6bWU='])
      expect(await refusal(await fetch(`${url}/b/k${GOOD}`, { headers: { authorization: given } }))).toEqual([
        400,
        'InvalidArgument',
      ]);
  });

  it('is needed', async () => {
    const { url } = await start({ k: { body: 'hello' } });
    expect(await refusal(await fetch(`${url}/b/k`))).toEqual([403, 'AccessDenied']);
    expect(await refusal(await fetch(`${url}/b/k?X-Amz-Signature=bad`))).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await refusal(await fetch(`${url}/b/gone${GOOD}`))).toEqual([404, 'NoSuchKey']);
    expect(await refusal(await fetch(`${url}/b/k${GOOD}`, { method: 'PUT' }))).toEqual([403, 'SignatureDoesNotMatch']);
  });

  it('is refused in XML that nothing in it can break', async () => {
    const { raw } = await start({});
    const request = `GET /b/<x>&"\x01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    expect(await raw(request.replace('\x01', '%01'))).toContain('<Resource>/b/&lt;x&gt;&amp;&quot;%01</Resource>');
  });

  it('does not pass on a content type that would split the answer', async () => {
    const { url } = await start({ k: { body: 'x', contentType: 'text/html\r\nSet-Cookie: a=1' } });
    const response = await fetch(`${url}/b/k${GOOD}`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=7-99', 206, '789', 'bytes 7-9/10'],
    ['bytes=7-99999999999999999999', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=0-1', 200, '0123456789', null],
    ['bytes=-', 200, '0123456789', null],
  ])('%s', async (range, status, body, contentRange) => {
    const { url } = await start({ k: { body: '0123456789' } });
    const response = await fetch(`${url}/b/k${GOOD}`, { headers: { Range: range } });
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange]);
    expect(response.headers.get('content-length')).toBe(String(body.length));
    expect(await response.text()).toBe(body);
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0', 'bytes=99999999999999999999-'])(
    '%s lies outside',
    async (range) => {
      const { url } = await start({ k: { body: '0123456789' } });
      const response = await fetch(`${url}/b/k${GOOD}`, { headers: { Range: range } });
      expect(response.headers.get('content-range')).toBe('bytes */10');
      expect(await refusal(response)).toEqual([416, 'InvalidRange']);
    },
  );

  it('counts only while the object is the same, if the client asks for that', async () => {
    const { url } = await start({ k: { body: '0123456789' } });
    const ask = async (condition: string): Promise<number> =>
      (await fetch(`${url}/b/k${GOOD}`, { headers: { Range: 'bytes=2-', 'If-Range': condition } })).status;
    expect([await ask('"abc"'), await ask('"other"'), await ask(new Date(0).toUTCString())]).toEqual([206, 200, 206]);
  });

  it('is measured again when the object is replaced in between', async () => {
    const before = objectsOf({ k: { body: '0123456789' } });
    const after = objectsOf({ k: { body: 'abc' } });
    let heads = 0;
    const { url } = await start(
      {},
      {
        objects: {
          head: async (ref) =>
            heads++ === 0 ? before.head(ref) : ({ ...(await after.head(ref)), sequencer: '2' } as never),
          get: async (params) => {
            const { info, body } = await after.get(params);
            if ((params.range?.start ?? 0) >= info.size) throw new ServiceError('InvalidRange', 'shorter now', 416);
            return { info: { ...info, sequencer: '2' }, body };
          },
        },
      },
    );
    const response = await fetch(`${url}/b/k${GOOD}`, { headers: { Range: 'bytes=-2' } });
    expect([response.headers.get('content-range'), await response.text()]).toEqual(['bytes 1-2/3', 'bc']);
  });
});

describe('a long object', () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

  it('is not read on when the client leaves', async () => {
    const left = Promise.withResolvers<void>();
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          given += 1;
          yield MEGABYTE;
        }
      } finally {
        left.resolve();
      }
    }
    const { url, log } = await start({ k: { body: endless(), size: 2 ** 40 } });
    const outgoing = get(`${url}/b/k${GOOD}`);
    const [response] = await once(outgoing, 'response');
    await once(response, 'readable');
    outgoing.destroy();
    await left.promise;
    expect(given).toBeLessThan(100);
    expect(log).toEqual([]);
  });

  it('that breaks off breaks the connection, so that nobody takes half of it for the whole', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield MEGABYTE;
      throw new Error('disk');
    }
    const { url, log } = await start({ k: { body: broken(), size: 2 * MEGABYTE.length } });
    const response = await fetch(`${url}/b/k${GOOD}`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(log).toMatchObject([{ level: 'error', fields: { error: { message: 'disk' } } }]);
  });

  async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) yield MEGABYTE;
  }

  it('that is shorter than it says breaks the connection too', async () => {
    const { url, log } = await start({ k: { body: megabytes(1), size: 2 * MEGABYTE.length } });
    const response = await fetch(`${url}/b/k${GOOD}`);
    const whole = await response.arrayBuffer().then(
      () => true,
      () => false,
    );
    expect(whole).toBe(false);
    expect(log).toHaveLength(1);
  });

  it('that is longer than it says does not run into the next answer', async () => {
    const { url, log } = await start({ k: { body: megabytes(3), size: 2 * MEGABYTE.length } });
    const response = await fetch(`${url}/b/k${GOOD}`);
    expect((await response.arrayBuffer()).byteLength).toBe(2 * MEGABYTE.length);
    await expect.poll(() => log.length).toBe(1);
  });
});

it('a link that fails inside the store is an internal error, told to nobody but the log', async () => {
  const objects: ReturnType<typeof objectsOf> = {
    head: () => Promise.reject(new Error('secret')),
    get: () => Promise.reject(new Error('secret')),
  };
  const { url, log } = await start({}, { objects, verifyLink: () => ok({ bucket: 'b', key: 'k' }) });
  const response = await fetch(`${url}/b/k${GOOD}`);
  expect(await refusal(response)).toEqual([500, 'InternalError']);
  expect(log).toHaveLength(1);
});
