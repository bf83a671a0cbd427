/**
 * Hostile keys, put and got over the S3 API and by links. They are not part of this repository: see hostile.ts.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRemoteFiles } from '../packages/fanfold/src/server/s3/s3-client.ts';
import { createLinks } from '../packages/fanfold/src/services/s3/links.ts';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import { type Serve, startServe } from './serve.ts';

const keys = hostileItems('objectkey').flatMap(({ id, path }) => {
  if (path === undefined) return [];
  const { key_utf8_b64: bytes } = JSON.parse(readFileSync(join(HOSTILE_FOLDER, path), 'utf8')) as {
    key_utf8_b64: string;
  };
  return [{ id, key: Buffer.from(bytes, 'base64') }];
});
if (keys.length === 0) console.log(`The hostile keys are not tried: there are none in ${HOSTILE_FOLDER}`);

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, Signature=0';

describe.skipIf(keys.length === 0)('hostile keys', () => {
  let directory: string;
  let serve: Serve;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-keys-'));
    mkdirSync(join(directory, 'project'));
    writeFileSync(
      join(directory, 'project/fanfold.config.ts'),
      "export default { name: 'keys', buckets: { keys: {} }, dataDirectory: 'data' };\n",
    );
    serve = await startServe({ cwd: join(directory, 'project'), data: false });
  });
  afterAll(async () => {
    await serve.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const send = async (method: string, path: string, body = ''): Promise<[number, string]> => {
    const { port } = new URL(serve.url);
    const headers = { authorization: AUTHORIZATION, 'content-length': Buffer.byteLength(body) };
    const answer = await new Promise<[number, string]>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (incoming) =>
        text(incoming).then((all) => resolve([incoming.statusCode ?? 0, all]), reject),
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return answer;
  };
  /** All that lies below the test's directory and is no content of an object. */
  const around = (): string[] =>
    readdirSync(directory, { recursive: true })
      .map(String)
      .filter((name) => !/^project\/data\/(?:objects|logs|values)\//.test(name) && !/\.db(?:-|$)/.test(name))
      .toSorted();

  it.each(keys)('$id is a key and nothing else', async ({ key }) => {
    const before = around();
    const encoded = [...key].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const name = key.toString();
    const [status, answer] = await send('PUT', `/keys/${encoded}`, 'hostile');
    expect(around()).toEqual(before);
    if (status !== 200) {
      // What S3 has no such key for is refused by name.
      expect([status, answer]).toEqual([
        400,
        expect.stringMatching(/<Code>(?:KeyTooLongError|InvalidURI|InvalidArgument)</),
      ]);
      return;
    }
    expect(await send('GET', `/keys/${encoded}`)).toEqual([200, 'hostile']);
    const files = createRemoteFiles(serve.url);
    expect((await files.list({ bucket: 'keys' })).objects.map((one) => one.key)).toEqual([name]);

    const data = String(serve.ready['dataDirectory']);
    const own = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8')) as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    const links = createLinks({ endpoint: () => serve.url, region: 'us-east-1', ...own, now: Date.now });
    const opened = await fetch(await links.sign({ bucket: 'keys', key: name }, 60));
    expect([opened.status, await opened.text()]).toEqual([200, 'hostile']);

    expect(await send('DELETE', `/keys/${encoded}`)).toEqual([204, '']);
    expect((await files.list({ bucket: 'keys' })).objects).toEqual([]);
  });
});
