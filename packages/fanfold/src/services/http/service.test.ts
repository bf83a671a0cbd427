import { existsSync, globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { HttpExchange, TaskOutcome } from '../../ports/services.ts';
import { createAddressPolicy, isPublicAddress } from '../addresses.ts';
import { createHttpClient } from '../http-client.ts';
import { type ConnectionSettings, createConnections } from './connections.ts';
import { createHttpService } from './service.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const SECRETS: Readonly<Record<string, string>> = { PASSWORD: 'p@ss "word"/1', TOKEN: 'tok-123456' };

let server: Server;
let port = 0;
let handler: Handler;
let connections = 0;
beforeAll(async () => {
  server = createServer((request, response) => handler(request, response));
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  connections = 0;
});

/** Answers with what it was asked. */
const mirror: Handler = async (request, response) => {
  const { method, url, headers } = request;
  const body = JSON.stringify({ method, url, headers, body: await text(request) });
  response.writeHead(200, { 'Content-Type': 'application/json', 'X-Seen': String(headers.authorization) }).end(body);
};

interface Options {
  readonly allow?: readonly string[];
  readonly connections?: Readonly<Record<string, ConnectionSettings>>;
  readonly latestAnswer?: number;
  readonly revealSecrets?: boolean;
}

async function invoke(
  parameters: Json,
  {
    allow = [`127.0.0.1:${port}`],
    connections: known = {},
    latestAnswer = 10_000,
    revealSecrets = false,
  }: Options = {},
): Promise<{ readonly outcome: TaskOutcome; readonly told: HttpExchange | undefined }> {
  const policy = createAddressPolicy(allow);
  const client = createHttpClient({ longestAnswer: 262_144, latestAnswer, policy });
  const service = createHttpService({
    client,
    connections: createConnections({ connections: known, secret: (name) => SECRETS[name], client, now: () => 0 }),
    mayBePlain: (host, at) => policy(host, at, ''),
    region: 'us-east-1',
    sync: async () => {},
  });
  let told: HttpExchange | undefined;
  const outcome = await service.perform({
    task: { executionArn: 'arn', frame: '0', attempt: 0 },
    resource: 'arn:aws:states:::http:invoke',
    parameters: Value.ofJson(parameters),
    stateName: 'Call',
    idempotencyKey: 'key',
    signal: new AbortController().signal,
    trace: { revealSecrets, tell: (exchange) => (told = exchange) },
  });
  return { outcome, told };
}

const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
const connection = (name: string): JsonObject => ({
  Authentication: {
    ConnectionArn: `arn:aws:events:us-east-2:123456789012:connection/${name}/81210c42-8af1-456b-9c4a-6ff02fc664ac`,
  },
});

async function seen(parameters: JsonObject, options?: Options): Promise<JsonObject> {
  handler = mirror;
  const { outcome } = await invoke({ ApiEndpoint: at('/a'), Method: 'GET', ...parameters }, options);
  if (outcome.kind !== 'succeeded' || !isObject(outcome.output.json)) throw new Error(JSON.stringify(outcome));
  return outcome.output.json['ResponseBody'] as JsonObject;
}

describe('a request', () => {
  it('has the method, path, query, headers and body that it is given, and its answer in parts', async () => {
    handler = mirror;
    const { outcome } = await invoke({
      ApiEndpoint: at('/a%20b?x=1'),
      Method: 'POST',
      QueryParameters: { q: 'ü &', list: ['1', '2'], n: 3 },
      Headers: { 'X-One': 'a', 'X-Two': ['b', 'c'] },
      RequestBody: { a: null },
    });
    expect(outcome.kind === 'succeeded' && outcome.output.json).toMatchObject({
      StatusCode: 200,
      StatusText: 'OK',
      Headers: { 'Content-Type': ['application/json'] },
      ResponseBody: {
        method: 'POST',
        url: '/a%20b?x=1&q=%C3%BC+%26&list=1&list=2&n=3',
        body: '{"a":null}',
        headers: { 'x-one': 'a', 'x-two': 'b, c', 'content-type': 'application/json', host: `127.0.0.1:${port}` },
      },
    });
  });

  it.each([
    [undefined, 'a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=%21&d='],
    ['REPEAT', 'a=1&a=x+y&b%5Bc%5D=%21&d='],
    ['COMMAS', 'a=1,x+y&b%5Bc%5D=%21&d='],
    ['BRACKETS', 'a%5B%5D=1&a%5B%5D=x+y&b%5Bc%5D=%21&d='],
  ])('is a form with lists as %s', async (ArrayFormat, body) => {
    const Transform = {
      RequestBodyEncoding: 'URL_ENCODED',
      ...(ArrayFormat && { RequestEncodingOptions: { ArrayFormat } }),
    };
    const Headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const RequestBody = { a: [1, 'x y'], b: { c: '!' }, d: null };
    expect(await seen({ Method: 'POST', Headers, RequestBody, Transform })).toMatchObject({ body });
  });

  it.each<[string, JsonObject]>([
    ['no URL', { ApiEndpoint: 'example.com' }],
    ['a user in the URL', { ApiEndpoint: 'https://user:pw@example.com/' }],
    ['another method', { Method: 'TRACE' }],
    ['a header that is reserved', { Headers: { Host: 'x' } }],
    ['a header that begins another', { Headers: { 'X-A': 'b\r\nX-C: d' } }],
    ['no ARN of a connection', { Authentication: { ConnectionArn: 'x' } }],
    ['an encoding that there is not', { Transform: { RequestBodyEncoding: 'XML' } }],
    ['a form without its type', { RequestBody: {}, Transform: { RequestBodyEncoding: 'URL_ENCODED' } }],
    ['a field that there is not', { Body: {} }],
  ])('with %s is none', async (_, parameters) => {
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'POST', ...parameters });
    expect(outcome).toMatchObject({ kind: 'failed', error: 'States.Runtime', rejected: true });
    expect(connections).toBe(0);
  });
});

describe('an answer', () => {
  it.each([301, 404, 500])('%d is an error with the body as its cause', async (status) => {
    handler = (_, response) => response.writeHead(status, { Location: at('/other') }).end('why');
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' });
    expect(outcome).toEqual({ kind: 'failed', error: `States.Http.StatusCode.${status}`, cause: 'why' });
  });

  it('is text where it is no JSON', async () => {
    handler = (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{');
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' });
    expect(outcome.kind === 'succeeded' && outcome.output.json).toMatchObject({ ResponseBody: '{' });
  });

  it('without end is cut off', async () => {
    handler = (_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    };
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' });
    expect(outcome).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  it('that is packed is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    handler = (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' });
    expect(JSON.stringify(outcome).length).toBeLessThan(1_000_000);
  });

  it('that comes a byte at a time is too late in the end', async () => {
    handler = (_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    };
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' }, { latestAnswer: 100 });
    expect(outcome).toMatchObject({ error: 'States.Http.Socket' });
  });

  it('that does not come is an error of the socket', async () => {
    handler = (request) => request.socket.destroy();
    const { outcome } = await invoke({ ApiEndpoint: at('/'), Method: 'GET' });
    expect(outcome).toMatchObject({ error: 'States.Http.Socket' });
  });
});

describe('a connection', () => {
  const known: Readonly<Record<string, ConnectionSettings>> = {
    basic: { basic: { username: 'me', password: { secret: 'PASSWORD' } } },
    key: { apiKey: { name: 'X-Key', value: { secret: 'TOKEN' } }, query: { key: { secret: 'PASSWORD' } } },
    unset: { apiKey: { name: 'X-Key', value: { secret: 'NONE' } } },
  };
  const pair = Buffer.from(`me:${SECRETS['PASSWORD']}`).toString('base64');

  it('authorises, and goes before what the definition says', async () => {
    let authorization: string | undefined;
    handler = (request, response) => {
      authorization = request.headers.authorization;
      response.end();
    };
    await invoke({ ApiEndpoint: at('/'), Method: 'GET', ...connection('basic') }, { connections: known });
    expect(authorization).toBe(`Basic ${pair}`);
    let key: unknown;
    handler = (request, response) => {
      key = [request.headers['x-key'], new URL(request.url ?? '', 'http://h').searchParams.get('key')];
      response.end();
    };
    const parameters = { ApiEndpoint: at('/'), Method: 'GET', Headers: { 'x-key': 'mine' }, ...connection('key') };
    await invoke(parameters, { connections: known });
    expect(key).toEqual([SECRETS['TOKEN'], SECRETS['PASSWORD']]);
  });

  it('has its secrets in nothing that is told, also when they come back', async () => {
    handler = mirror;
    for (const name of ['basic', 'key']) {
      const { outcome, told } = await invoke(
        { ApiEndpoint: at('/'), Method: 'GET', ...connection(name) },
        { connections: known },
      );
      const all = JSON.stringify([outcome.kind === 'succeeded' && outcome.output.text, told]);
      for (const secret of [pair, ...Object.values(SECRETS)]) {
        expect(all).not.toContain(secret);
        expect(all).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(all).not.toContain(encodeURIComponent(secret));
      }
      expect(all).toContain('***');
    }
    handler = (request, response) => response.writeHead(500).end(request.headers.authorization);
    const { outcome } = await invoke(
      { ApiEndpoint: at('/'), Method: 'GET', ...connection('basic') },
      { connections: known },
    );
    expect(outcome).toMatchObject({ cause: 'Basic ***' });
  });

  it('shows its secrets to who asks for them', async () => {
    handler = mirror;
    const { told } = await invoke(
      { ApiEndpoint: at('/x'), Method: 'GET', ...connection('basic') },
      { connections: known, revealSecrets: true },
    );
    expect(told).toMatchObject({
      request: {
        protocol: 'http',
        method: 'GET',
        url: at('/x'),
        headers: expect.stringContaining(`Authorization: Basic ${pair}`),
      },
      response: { statusCode: '200', statusMessage: 'OK' },
    });
  });

  it.each([
    ['none', 'There is no connection none.'],
    ['unset', 'The connection unset needs the environment variable NONE, which is not set.'],
  ])('%s cannot be used', async (name, cause) => {
    const { outcome } = await invoke(
      { ApiEndpoint: at('/'), Method: 'GET', ...connection(name) },
      { connections: known },
    );
    expect(outcome).toEqual({ kind: 'failed', error: 'Events.ConnectionResource.InvalidConnectionState', cause });
    expect(connections).toBe(0);
  });

  it('fetches a token, and another one where that is refused', async () => {
    const asked: string[] = [];
    handler = async (request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? (await text(request))}`);
      if (request.url === '/token')
        return response.end(JSON.stringify({ access_token: `t-${asked.length}-abcdef`, expires_in: 3600 }));
      return response.writeHead(asked.length < 3 ? 401 : 200).end();
    };
    const oauth = { tokenUrl: at('/token'), clientId: 'me', clientSecret: { secret: 'TOKEN' }, scope: 'read' };
    const { outcome } = await invoke(
      { ApiEndpoint: at('/'), Method: 'GET', ...connection('oauth') },
      { connections: { oauth: { oauth } } },
    );
    expect(outcome.kind).toBe('succeeded');
    expect(asked).toEqual([
      '/token grant_type=client_credentials&client_id=me&client_secret=tok-123456&scope=read',
      '/ Bearer t-1-abcdef',
      '/token grant_type=client_credentials&client_id=me&client_secret=tok-123456&scope=read',
      '/ Bearer t-3-abcdef',
    ]);
  });
});

describe('an address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450::1'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::ffff:8.8.8.8',
    'fe80::1%eth0',
    'x',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('of this network is refused by whatever name, and allowed where the project has the name', async () => {
    handler = mirror;
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]']) {
      const ApiEndpoint = `https://${host}:${port}/`;
      const { outcome } = await invoke({ ApiEndpoint, Method: 'GET' }, { allow: [] });
      expect(outcome).toMatchObject({ error: 'States.Http.AddressRefused' });
    }
    expect(connections).toBe(0);
    const { outcome } = await invoke(
      { ApiEndpoint: `http://localhost:${port}/`, Method: 'GET' },
      { allow: [`localhost:${port}`] },
    );
    expect(outcome.kind).toBe('succeeded');
  });
});

const FOLDER = join(
  process.env['FANFOLD_CASES'] ?? join(import.meta.dirname, '../../../../../../shared/conformance'),
  '../hostile',
);
const cases = existsSync(FOLDER) ? globSync('ssrf/*.json', { cwd: FOLDER }).sort() : [];
if (cases.length === 0) console.log(`The hostile addresses are left out: there are none in ${FOLDER}`);

describe.skipIf(cases.length === 0)('a hostile address', () => {
  it.each(cases)('%s is refused, and nothing is connected to', async (path) => {
    const { url } = JSON.parse(readFileSync(join(FOLDER, path), 'utf8')) as { readonly url: string };
    handler = mirror;
    for (const ApiEndpoint of [url, url.replace(/^http:/, 'https:')]) {
      const { outcome } = await invoke(
        { ApiEndpoint: ApiEndpoint.replaceAll('PORT', String(port)), Method: 'GET' },
        { allow: [], latestAnswer: 3000 },
      );
      expect(outcome).toMatchObject({
        kind: 'failed',
        error: expect.stringMatching(/^States\.(?:Runtime|Http\.(?:AddressRefused|Socket))$/),
      });
    }
    expect(connections).toBe(0);
  });
});
